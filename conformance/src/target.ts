/** The server under test, as globalSetup.ts found or started it. */
import { inject } from 'vitest';
import type { Target } from './targetSettings.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    target: Target;
  }
}

let replacement: Target | undefined;

/** @throws Error outside of a test run */
export function target(): Target {
  return replacement ?? inject('target');
}

/** The rest of this test file speaks with another server. */
export function replaceTarget(other: Target): void {
  replacement = other;
}

/** What the words of the service side begin with. */
export function relPrefix(): string {
  return target().relPrefix;
}
