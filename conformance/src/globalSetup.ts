/**
 * Runs once before the suite: takes the server named by CONFORMANCE_BASE_URL, or starts the platform of this repository
 * and stops it afterwards.
 */
import type { TestProject } from 'vitest/node';
import { type PlatformProcess, startPlatform } from './platformProcess.ts';
import { targetFrom } from './targetSettings.ts';

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  // A project may ask for another prefix (vitest.config.ts).
  const environment = { ...process.env, ...project.config.env };
  if (process.env.CONFORMANCE_BASE_URL) {
    project.provide('target', targetFrom(environment));
    return async () => undefined;
  }
  const platform: PlatformProcess = await startPlatform();
  project.provide('target', targetFrom(environment, platform));
  return platform.stop;
}
