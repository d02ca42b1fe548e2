/** The server under test, as globalSetup.ts found or started it. */
import { inject } from 'vitest';
import type { Target } from './targetSettings.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    target: Target;
  }
}

export function target(): Target {
  return inject('target');
}

export function relPrefix(): string {
  return target().relPrefix;
}
