/** Next calls this once when the server process starts, and never during a build. */
export async function register(): Promise<void> {
  // biome-ignore lint/style/noProcessEnv: Next replaces this very expression to leave the branch out of other runtimes.
  if (process.env.NEXT_RUNTIME === 'nodejs') {
    const { runServiceApp } = await import('./serviceApp/runServiceApp.ts');
    await runServiceApp();
  }
}
