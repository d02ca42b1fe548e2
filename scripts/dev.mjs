// pnpm dev: everything in watch mode, logs in this terminal.
import { runStack } from './stack.mjs';

await runStack({ watch: true });
