import { describe, expect, test } from 'vitest';
import { createMemoryRoomLog } from '../../cluster/memory/memory-room-log.ts';
import { callNumber, endOf, settle, signIn } from '../testing/call-people.ts';
import { startSignaling } from '../testing/start-signaling.ts';

const listOf = async (t: ReturnType<typeof startSignaling>) => {
  const { calls } = await (await signIn(t, 'ada')).call('call.list', {});
  return calls.map(({ endReason, legs }) => [endReason, legs.find(({ via }) => via === 'phone')?.endReason]);
};

describe('the record of a call that was answered says why a phone is out of it', () => {
  test.each([
    ['left', 'hung-up'],
    ['lost', 'lost'],
    ['no-media', 'no-media'],
    ['media-lost', 'media-lost'],
    ['closed', 'cut-off'],
  ] as const)('that left as %s', async (as, endReason) => {
    const t = startSignaling();
    const ada = await signIn(t, 'ada');
    const [, phone] = await callNumber(t, ada);
    phone.leave(as);
    await settle(t);
    expect([phone.left, endOf(ada)]).toEqual([true, endReason]);
    expect(await listOf(t)).toEqual([[endReason, endReason]]);
  });

  test('once: what ends it later changes nothing', async () => {
    const t = startSignaling();
    const ada = await signIn(t, 'ada');
    const [, phone] = await callNumber(t, ada);
    phone.leave('no-media');
    phone.leave('left');
    await settle(t);
    expect(await listOf(t)).toEqual([['no-media', 'no-media']]);
  });

  test('when the server stops', async () => {
    const roomLog = createMemoryRoomLog();
    const before = startSignaling({ roomLog });
    const ada = await signIn(before, 'ada');
    await callNumber(before, ada);
    before.signaling.close();
    await settle(before);
    const after = startSignaling({ roomLog });
    await settle(after);
    const [[endReason] = []] = await listOf(after);
    expect(endReason).toBe('cut-off');
  });
});
