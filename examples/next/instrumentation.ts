/** Next calls this once in each process, and serves nothing before it is done. */
export async function register(): Promise<void> {
  // Next compiles this file for its other runtime too, which has no drivers.
  if (process.env.NEXT_RUNTIME !== 'nodejs') return;
  const { openDemo } = await import('./lib/demo');
  await openDemo();
}
