import { defineConfig } from 'prisma/config';

/** Generating needs no database; a migration run by Prisma's own CLI takes DATABASE_URL. */
export default defineConfig({
  schema: 'prisma/schema.prisma',
  migrations: { path: 'prisma/migrations' },
  ...(process.env.DATABASE_URL ? { datasource: { url: process.env.DATABASE_URL } } : {}),
});
