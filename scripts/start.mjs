// npm start: everything in production mode. What happens is in stack.mjs.
import { runStack } from './stack.mjs';

await runStack({ watch: false });
