/** What the platform may tell of its network. */
export interface NetworkHints {
  /** The network came back or changed, or somebody looks at the page again: a good moment to try, or to see what still works. */
  onChanged(): void;
  /** Packets take another way from now on: what was open over the last network is over. Follows `onChanged`. */
  onMoved(): void;
  /** The page goes away for good. */
  onLeaving(): void;
}

/** Listens where the platform has such events (browsers), and does nothing elsewhere. Returns what ends it. */
export function watchNetwork({ onChanged, onMoved, onLeaving }: NetworkHints): () => void {
  const page = globalThis as Partial<Pick<Window, 'addEventListener' | 'removeEventListener' | 'document'>>;
  if (typeof page.addEventListener !== 'function' || page.document === undefined) return () => {};
  const ending = new AbortController();
  const { signal } = ending;
  const { document } = page;
  const onOtherNetwork = () => {
    onChanged();
    onMoved();
  };
  page.addEventListener('online', onOtherNetwork, { signal });
  watchConnectionType(onOtherNetwork, signal);
  page.addEventListener('offline', onChanged, { signal });
  document.addEventListener(
    'visibilitychange',
    () => {
      if (document.visibilityState === 'visible') onChanged();
    },
    { signal },
  );
  page.addEventListener(
    'pagehide',
    // A persisted page may be shown again as it was.
    ({ persisted }) => {
      if (!persisted) onLeaving();
    },
    { signal },
  );
  return () => ending.abort();
}

interface NetworkInformation extends EventTarget {
  readonly type?: string;
}

/**
 * From Wi-Fi to mobile data and back, where the platform tells (https://wicg.github.io/netinfo/). The event comes for
 * estimates of speed too, which are no reason for anything.
 */
function watchConnectionType(onOther: () => void, signal: AbortSignal): void {
  const { connection } = (globalThis.navigator ?? {}) as { connection?: NetworkInformation };
  if (typeof connection?.addEventListener !== 'function') return;
  let before = connection.type;
  connection.addEventListener(
    'change',
    () => {
      const { type } = connection;
      if (type === before) return;
      before = type;
      if (type !== 'none') onOther();
    },
    { signal },
  );
}
