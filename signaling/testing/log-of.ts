import type { LogRecord } from '../../proto/gen/types.ts';
import { toLogRecord } from '../log/stored-payload.ts';
import { defaultRoom, type TestSignaling } from './start-signaling.ts';

/** Everything that is in the log of a room. */
export async function logOf(
  { roomLog }: Pick<TestSignaling, 'roomLog'>,
  room: string = defaultRoom,
): Promise<LogRecord[]> {
  const [page] = await roomLog.read([{ room, from: { after: 0 }, maxRecords: 1_000, maxBytes: 10_000_000 }]);
  return (page?.records ?? []).map(toLogRecord);
}
