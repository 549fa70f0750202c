/**
 * Has something cleaned up when the test that calls this is over, passed or failed. In a `beforeAll`, or outside of tests, there is no
 * such end: use the functions whose names begin with `open`, and dispose of what they give.
 */
export async function afterTest(cleanUp: () => PromiseLike<void>): Promise<void> {
  // Loaded when needed: benchmarks use this package too, and have no test runner.
  const { onTestFinished } = await import('vitest');
  onTestFinished(async () => {
    await cleanUp();
  });
}
