/** `2026-01-05`, where the plan's time zone is. */
export function createLocalDay(timeZone: string): (atMs: number) => string {
  // The form of ISO 8601.
  const format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  return (atMs) => format.format(atMs);
}
