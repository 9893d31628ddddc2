/** What of the arguments of redis-server would let it lose a log, or undefined. */
export function findRedisProblem(command: readonly string[]): string | undefined {
  const after = (name: string) => {
    const place = command.indexOf(`--${name}`);
    return place < 0 ? undefined : command[place + 1];
  };
  if (after('maxmemory-policy') !== 'noeviction') return 'it may evict records when its memory is used up';
  if (after('appendonly') !== 'yes') return 'it keeps nothing on a disk';
  if (!['everysec', 'always'].includes(after('appendfsync') ?? '')) return 'it does not say when it writes to the disk';
  return after('maxmemory') === undefined ? 'it takes all memory there is' : undefined;
}
