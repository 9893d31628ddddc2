import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/log.ts';
import type { App } from './app.ts';

/** What of a process this needs; `process` is one. */
export interface SignalSource {
  on(event: 'SIGINT' | 'SIGTERM' | 'SIGHUP', listener: (signal: string) => void): unknown;
  on(event: 'uncaughtException', listener: (error: unknown, origin: string) => void): unknown;
}

/**
 * A terminal sends Ctrl-C to everything that it runs, and npm passes it on once more: signals so near are one.
 */
const sameSignalMs = 500;

/** Closing waits for close frames and for the ends of workers, which are killed when they take too long. */
const closeTimeoutMs = 10_000;

/**
 * The first SIGINT or SIGTERM drains, then closes and exits with 0; the second exits with 1 at once, as does a failure
 * that nobody caught: what it left behind cannot be trusted. SIGHUP reads files again that may change while it runs; a terminal
 * that is closed sends it too, so that it ends what is in the foreground of one (`fromTerminal`).
 */
export function handleSignals({
  app,
  log,
  clock,
  source,
  exit,
  fromTerminal = false,
}: {
  app: Pick<App, 'drain' | 'close' | 'reload'>;
  log: Logger;
  clock: Clock;
  source: SignalSource;
  exit: (code: number) => void;
  fromTerminal?: boolean;
}): { readonly stopping: boolean } {
  let stoppingSinceMs: number | undefined;

  const settle = (step: Promise<void>): Promise<boolean> =>
    step.then(
      () => true,
      (error: unknown) => {
        log.error({ err: error }, 'the server did not stop cleanly');
        return false;
      },
    );
  const closeDeadline = () =>
    new Promise<false>((resolve) => {
      clock.after(closeTimeoutMs, () => {
        log.error({ closeTimeoutMs }, 'the server did not close in time');
        resolve(false);
      });
    });
  const stop = async (): Promise<number> => {
    const drained = await settle(app.drain());
    // Whatever became of draining, workers and sockets are not left behind.
    const closed = await Promise.race([settle(app.close()), closeDeadline()]);
    return drained && closed ? 0 : 1;
  };
  const onSignal = (signal: string): void => {
    const nowMs = clock.monotonicMs();
    if (stoppingSinceMs === undefined) {
      stoppingSinceMs = nowMs;
      log.info({ signal }, 'stopping: a second signal stops at once');
      void stop().then(exit);
    } else if (nowMs - stoppingSinceMs > sameSignalMs) {
      log.warn({ signal }, 'stopped at once');
      exit(1);
    }
  };
  source.on('SIGINT', onSignal);
  source.on('SIGTERM', onSignal);
  if (!fromTerminal) {
    source.on('SIGHUP', () => {
      app.reload().catch((error: unknown) => log.error({ err: error }, 'nothing was read again'));
    });
  }
  source.on('uncaughtException', (error, origin) => {
    log.error({ err: error, origin }, 'a failure that nobody caught');
    exit(1);
  });
  return {
    get stopping() {
      return stoppingSinceMs !== undefined;
    },
  };
}
