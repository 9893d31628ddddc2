// The recorder: a process of its own beside the server, so that files never hold up a call, and a server that is killed
// leaves somebody who brings its recordings to an end.

import type { FromRecorder, ToRecorder } from './recorder-protocol.ts';
import { RecordingSession } from './recording-session.ts';

const sessions = new Map<string, Promise<RecordingSession>>();

/** Nobody is told any more when the server is gone. */
function tell(message: FromRecorder): void {
  if (process.connected) process.send?.(message, () => {});
  if (message.type === 'ended') sessions.delete(message.recordingId);
}

process.on('message', (message: ToRecorder) => {
  const { recordingId } = message;
  if (message.type === 'open') {
    sessions.set(recordingId, RecordingSession.open({ facts: message.facts, folder: message.folder, tell }));
  }
  sessions
    .get(recordingId)
    ?.then((session) => session.take(message))
    .catch((error: Error) => tell({ type: 'failed', recordingId, problem: error.message }));
});

process.once('disconnect', () => {
  const endings = [...sessions.values()].map(async (opening) => {
    const session = await opening;
    await session.stop('interrupted', 'the server ended');
  });
  void Promise.allSettled(endings).then(() => process.exit(0));
});

// A signal to the whole group is for the server, which says what is to end.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => {});
