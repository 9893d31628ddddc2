/**
 * Runs `task` one at a time. However often it is asked for while it runs, one more run follows: it sees the latest state.
 * `task` handles its own failures.
 */
export function latestOnly(task: () => Promise<void>): () => void {
  let running = false;
  let again = false;
  const run = async (): Promise<void> => {
    running = true;
    try {
      do {
        again = false;
        await task();
      } while (again);
    } finally {
      running = false;
    }
  };
  return () => {
    again = true;
    if (!running) void run();
  };
}
