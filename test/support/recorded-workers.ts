// Which media workers a server has started, by its own log.

import { type Logger, silentLogger } from '../../core/log.ts';

export interface RecordedWorkers {
  readonly log: Logger;
  /** The process id of the worker that was started last. @throws {Error} before there is one. */
  latestPid(): number;
}

export function recordWorkers(): RecordedWorkers {
  let latest: number | undefined;
  const log: Logger = {
    ...silentLogger,
    info(fields) {
      if ('workerPid' in fields && typeof fields.workerPid === 'number') latest = fields.workerPid;
    },
    child: (bound) => ({ ...log, info: (fields, message) => log.info({ ...bound, ...fields }, message) }),
  };
  return {
    log,
    latestPid() {
      if (latest === undefined) throw new Error('no worker was started yet');
      return latest;
    },
  };
}
