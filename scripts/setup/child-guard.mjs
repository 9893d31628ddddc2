// @ts-check

const killAfterMs = 5_000;

/**
 * Ends a child's whole process group when its time is over or the set-up is told to stop: kindly first, then not.
 * @param {number} pid of the group's leader
 * @param {{ signal: AbortSignal | undefined, timeoutMs: number | undefined }} options
 */
export function guardChild(pid, { signal, timeoutMs }) {
  let timedOut = false;
  let ending = false;
  /** @type {NodeJS.Timeout | undefined} */
  let kill;
  const end = () => {
    ending = true;
    sendToGroup(pid, 'SIGTERM');
    kill = setTimeout(() => sendToGroup(pid, 'SIGKILL'), killAfterMs);
  };
  const onDeadline = () => {
    timedOut = true;
    end();
  };
  const deadline = timeoutMs === undefined ? undefined : setTimeout(onDeadline, timeoutMs);
  signal?.addEventListener('abort', end, { once: true });
  return {
    timedOut: () => timedOut,
    /** To be called when the leader has ended. */
    release: () => {
      clearTimeout(deadline);
      clearTimeout(kill);
      signal?.removeEventListener('abort', end);
      // A leader may end without waiting for those that it started.
      if (ending) sendToGroup(pid, 'SIGKILL');
    },
  };
}

/** @param {number} pid @param {NodeJS.Signals} name */
function sendToGroup(pid, name) {
  try {
    process.kill(-pid, name);
  } catch {
    // The group has ended by itself.
  }
}
