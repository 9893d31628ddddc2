const [seconds, nanoseconds] = process.hrtime();
const offsetMs = seconds * 1000 + nanoseconds / 1e6 - performance.now();

/** Milliseconds of one clock that all threads of the process share and that never goes back: performance.now() begins anew in each. */
export function nowMs(): number {
  return performance.now() + offsetMs;
}
