/** What the platform may tell of its network. */
export interface NetworkHints {
  /** The network came back or changed, or somebody looks at the page again: a good moment to try, or to see what still works. */
  onChanged(): void;
  /** The page goes away for good. */
  onLeaving(): void;
}

/** Listens where the platform has such events (browsers), and does nothing elsewhere. Returns what ends it. */
export function watchNetwork({ onChanged, onLeaving }: NetworkHints): () => void {
  const page = globalThis as Partial<Pick<Window, 'addEventListener' | 'removeEventListener' | 'document'>>;
  if (typeof page.addEventListener !== 'function' || page.document === undefined) return () => {};
  const ending = new AbortController();
  const { signal } = ending;
  const { document } = page;
  page.addEventListener('online', onChanged, { signal });
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
