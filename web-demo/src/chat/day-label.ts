import { localDay } from './group-entries.ts';

const thisYear = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long' });
const otherYear = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'long', year: 'numeric' });

/** “Today”, “Yesterday”, “Tuesday, 3 June”, “3 June 2024”. */
export function dayLabel(atMs: number, nowMs: number): string {
  const day = localDay(atMs);
  if (day === localDay(nowMs)) return 'Today';
  const yesterday = new Date(nowMs);
  // Not a day's milliseconds less: where clocks are set back, that is still today.
  yesterday.setDate(yesterday.getDate() - 1);
  if (day === localDay(yesterday.getTime())) return 'Yesterday';
  const sameYear = new Date(atMs).getFullYear() === new Date(nowMs).getFullYear();
  return (sameYear ? thisYear : otherYear).format(atMs);
}
