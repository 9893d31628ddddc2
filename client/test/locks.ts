// Web Locks for platforms that have none (Node before 24): exclusive ones, and the list of those that are held.

export function createLocks(): LockManager {
  const held = new Set<string>();
  const lines = new Map<string, Promise<unknown>>();
  type Task = () => unknown;
  const request = (name: string, ...rest: [Task] | [LockOptions, Task]) => {
    const task = rest.length === 1 ? rest[0] : rest[1];
    const signal = rest.length === 1 ? undefined : rest[0].signal;
    const turn = (lines.get(name) ?? Promise.resolve()).then(async () => {
      signal?.throwIfAborted();
      held.add(name);
      try {
        return await task();
      } finally {
        held.delete(name);
      }
    });
    lines.set(
      name,
      turn.catch(() => {}),
    );
    return turn;
  };
  const query = async () => ({ held: [...held].map((name) => ({ name })), pending: [] });
  return { request, query } as unknown as LockManager;
}
