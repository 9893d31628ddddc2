import { expect, test } from 'vitest';
import type { PeerId } from '../../core/ids.ts';
import { MemoryRecorder } from '../testing/memory-recorder.ts';
import { memberGrants } from '../testing/memory-verifier.ts';
import { startSignaling } from '../testing/start-signaling.ts';
import { maxTracks } from './room-recording.ts';

const room = 'standup';
const can = [...memberGrants, 'record'] as const;

async function start() {
  const recorder = new MemoryRecorder();
  const t = startSignaling({ recorder });
  const ada = await t.join({ identity: 'ada', can });
  return { t, recorder, ada };
}

test('a recording that begins while the one before is brought to its end stays the one that runs', async () => {
  const { t, recorder, ada } = await start();
  const { recordingId: first } = await ada.call('recording.start', { room });
  const stopped = ada.call('recording.stop', { room, recordingId: first });
  const { recordingId: second } = await ada.call('recording.start', { room });
  recorder.running[0]?.end();
  expect((await stopped).state).toBe('done');

  const ben = await t.connect({ identity: 'ben' });
  expect((await ben.call('room.join', { room })).recording?.recordingId).toBe(second);
  expect((await ada.refusal('recording.start', { room })).reason).toBe('RECORDING_RUNS');
  const again = ada.call('recording.stop', { room, recordingId: second });
  recorder.running[1]?.end();
  expect((await again).state).toBe('done');
});

test('a recording takes so many tracks and no more, and says so once', async () => {
  const { t, recorder, ada } = await start();
  await ada.call('recording.start', { room });
  const { events } = t.media.room(room);
  const producer = { kind: 'audio', source: 'microphone', paused: false, muted: false, locked: false } as const;
  for (let index = 0; index < maxTracks + 3; index++) {
    const peerId = 'p_somebody' as PeerId;
    const producerId = `producer-${index}`;
    events.emit('producerAdded', { peerId, producer: { ...producer, producerId, encrypted: true } });
    events.emit('producerClosed', { peerId, producerId });
  }
  const skipped = recorder.running[0]?.skipped ?? [];
  expect(skipped).toHaveLength(maxTracks + 1);
  expect(skipped.at(-1)).toContain(String(maxTracks));
});

test('of somebody whose grant goes while it is being started does not begin', async () => {
  const { t, recorder, ada } = await start();
  let release = () => {};
  recorder.held = new Promise((resolve) => {
    release = resolve;
  });
  const refusal = ada.refusal('recording.start', { room });
  await ada.call('session.refresh', { token: t.verifier.issue({ identity: 'ada', can: memberGrants }) });
  const stopped: string[] = [];
  release();
  expect(await refusal).toMatchObject({ reason: 'GRANT_MISSING', details: { grant: 'record' } });
  recorder.running[0]?.events.on('stopping', ({ problem }) => stopped.push(problem));
  recorder.running[0]?.stop();
  // It is stopped already.
  expect(stopped).toEqual([]);
  const ben = await t.connect({ identity: 'ben' });
  expect((await ben.call('room.join', { room })).recording).toBeUndefined();
  // The room is free for who may.
  await ada.call('session.refresh', { token: t.verifier.issue({ identity: 'ada', can }) });
  await ada.call('recording.start', { room });
});
