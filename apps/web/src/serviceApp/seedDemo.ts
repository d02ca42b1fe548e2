import { readFile } from 'node:fs/promises';
import type { Database } from '@repo/db/client';
import { saveHelpdesk } from '@repo/db/helpdesks';
import { findPersonByEmail, roles, savePerson } from '@repo/db/people';
import { defaultSettings } from '@repo/flows/helpdesk/settings';
import { z } from 'zod';

const sipUri = z.string().startsWith('sip:');

const demoFile = z.object({
  helpdesk: z.object({
    publicKey: z.string().min(1).max(100),
    uri: sipUri,
    displayName: z.string().min(1),
    allowedOrigins: z.array(z.url()),
    welcomeText: z.string().default(defaultSettings.welcomeText),
    noAgentText: z.string().default(defaultSettings.noAgentText),
    ringTimeoutMs: z.number().int().positive().default(defaultSettings.ringTimeoutMs),
    startTimeoutMs: z.number().int().positive().default(defaultSettings.startTimeoutMs),
  }),
  people: z.array(
    z.object({
      email: z.email(),
      name: z.string().min(1),
      sipUri,
      role: z.enum(roles),
      password: z.string().min(1),
      capacity: z.number().int().positive().optional(),
    }),
  ),
});

export type DemoFile = z.infer<typeof demoFile>;

export interface Passwords {
  hash(password: string): Promise<string>;
  verify(hash: string, password: string): Promise<boolean>;
}

/** @throws Error when the file is missing or not a demo; the error never shows its contents */
export async function readDemoFile(path: string): Promise<DemoFile> {
  return parseDemo(await readFile(path, 'utf8'));
}

/** @throws Error that names the wrong members, not their values */
export function parseDemo(text: string): DemoFile {
  const { data, error } = demoFile.safeParse(readJson(text));
  if (data) return data;
  throw new TypeError(`the demo file is wrong at ${error.issues.map((issue) => issue.path.join('.')).join(', ')}`);
}

/** Sets up the demo's helpdesk and people, or brings them up to date; a second time changes nothing. */
export async function seedDemo(
  { db, now, passwords }: { readonly db: Database; readonly now: Date; readonly passwords: Passwords },
  demo: DemoFile,
): Promise<void> {
  await saveHelpdesk(db, { ...demo.helpdesk, now });
  for (const { password, capacity, ...person } of demo.people) {
    const known = await findPersonByEmail(db, person.email);
    const kept = known && (await passwords.verify(known.passwordHash, password)) ? known.passwordHash : undefined;
    const passwordHash = kept ?? (await passwords.hash(password));
    await savePerson(db, { ...person, passwordHash, now, ...(capacity === undefined ? {} : { capacity }) });
  }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's message quotes the text, which holds passwords.
    throw new TypeError('the demo file is no JSON');
  }
}
