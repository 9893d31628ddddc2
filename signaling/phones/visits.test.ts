import { describe, expect, test } from 'vitest';
import { createMemoryRoomLog } from '../../cluster/memory/memory-room-log.ts';
import type { RoomId } from '../../core/ids.ts';
import { mayCall, settle, signIn } from '../testing/call-people.ts';
import { logOf } from '../testing/log-of.ts';
import { startNodes } from '../testing/start-nodes.ts';
import { startSignaling, type TestSignaling } from '../testing/start-signaling.ts';

const room = 'lobby' as RoomId;
const dialIn = ({ signaling }: TestSignaling, more: object = {}) =>
  signaling.phoneDesk.join({ room, identity: 'tel:+49301', name: 'Ann', number: '+49301', trunk: 'city', ...more });

const visitsOf = async (t: Pick<TestSignaling, 'roomLog'>) =>
  (await logOf(t, room)).flatMap(({ call }) => (call?.step === 'visited' ? [call] : []));

describe('a phone that was in a room without a call', () => {
  test('leaves a record in the room’s log: who, when, codec, quality, and why it ended', async () => {
    const t = startSignaling();
    const startedAtMs = t.clock.nowMs();
    const phone = await dialIn(t);
    phone.setState({ codec: 'PCMA', encrypted: true });
    t.clock.advance(61_000);
    phone.report({ mos: 4.2, loss: 0.01, jitterMs: 3, rttMs: 40 });
    phone.leave('no-media');
    await settle(t);
    expect(await visitsOf(t)).toMatchObject([
      {
        callId: '',
        room: 'lobby',
        startedAtMs,
        durationMs: 61_000,
        reason: 'no-media',
        leg: {
          kind: 'number',
          identity: 'tel:+49301',
          name: 'Ann',
          number: '+49301',
          codec: 'PCMA',
          encrypted: true,
          quality: { mos: 4.2, loss: 0.01 },
          endReason: 'no-media',
        },
      },
    ]);
    const reader = await t.join({ identity: 'ada' }, room);
    const { records } = await reader.call('log.read', { room });
    expect(records.some(({ call }) => call?.step === 'visited')).toBe(true);
  });

  test('is told apart from one that hung up, that a moderator removed, and that the server cut off', async () => {
    const t = startSignaling();
    const mod = await t.join({ identity: 'mod', can: [...mayCall, 'moderate'] }, room);
    (await dialIn(t)).leave('left');
    (await dialIn(t)).leave('closed');
    const { peerId } = await dialIn(t, { identity: 'bob', trunk: '' });
    await mod.call('moderation.removePeer', { room, peerId });
    await settle(t);
    const ends = (await visitsOf(t)).map(({ reason, leg }) => [leg?.kind, reason]);
    expect(ends).toEqual([
      ['number', 'hung-up'],
      ['number', 'cut-off'],
      ['user', 'removed'],
    ]);
  });

  test('is in no call: nobody has it in a list, and phones of calls leave no such record', async () => {
    const t = startSignaling();
    const ada = await signIn(t, 'ada');
    (await dialIn(t, { identity: 'ada', trunk: '' })).leave('left');
    await settle(t);
    expect((await ada.call('call.list', {})).calls).toEqual([]);
    expect((await ada.call('call.current', {})).calls).toEqual([]);
    expect(await visitsOf(t)).toHaveLength(1);
  });

  test('when its process died has its record from the one after it, once', async () => {
    const roomLog = createMemoryRoomLog();
    const before = startSignaling({ roomLog });
    await dialIn(before);
    (await dialIn(before)).leave('left');
    await settle(before);
    for (const _again of [1, 2]) {
      const after = startSignaling({ roomLog });
      await settle(after);
      expect((await visitsOf(after)).map(({ reason }) => reason)).toEqual(['hung-up', 'node-lost']);
    }
  });

  test('when its node died has its record from another one', async () => {
    const t = await startNodes(['one', 'two']);
    const [one, two] = t.nodes as [TestSignaling, TestSignaling];
    await dialIn(one);
    await t.settle();
    t.cluster.kill('one');
    await t.advance(30_000);
    expect((await visitsOf(two)).map(({ reason }) => reason)).toEqual(['node-lost']);
  });
});
