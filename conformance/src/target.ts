/** The server under test, as globalSetup.ts found or started it. */
import { inject } from 'vitest';
import type { Target } from './targetSettings.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    target: Target;
  }
}

/** @throws Error outside of a test run */
export function target(): Target {
  return inject('target');
}

/** What the words of the service side begin with. */
export function relPrefix(): string {
  return target().relPrefix;
}
