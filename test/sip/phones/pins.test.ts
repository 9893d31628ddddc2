import { setTimeout as delay } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { dial, hangUp, registeredPhone, type TestPhone } from '../../support/phones/phone.ts';
import { type PhoneServer, startPhoneServer } from '../../support/phones/phone-server.ts';
import { planOfTwo } from '../../support/phones/plan.ts';
import { requireOrSkip } from '../../support/require.ts';

const here = requireOrSkip('mediasoup') && requireOrSkip('baresip');

describe.skipIf(!here)('a caller who is asked for a PIN', { timeout: 90_000 }, () => {
  let server: PhoneServer;
  let ann: TestPhone;

  beforeEach(async () => {
    server = await startPhoneServer(planOfTwo);
    ann = await registeredPhone(server, { user: 'ann' });
  });

  const press = async (keys: string, betweenMs = 250) => {
    for (const key of keys) {
      await ann.command('sndcode', key);
      await delay(betweenMs);
    }
  };
  const isIn = (room: string) =>
    server.lines.some(({ message, fields }) => message === 'peer joined' && fields['room'] === room);
  const closedWith = () => ann.events.filter(({ type }) => type === 'CALL_CLOSED').map(({ param }) => param);

  test.each([
    ['at once', 250],
    ['slowly', 1_500],
  ])('and enters the right one %s is in its room', async (_how, betweenMs) => {
    await dial(ann, '900');
    await press('483920#', betweenMs);
    await eventually(() => isIn('board'), 'that it is in the room', 20_000);
    await hangUp(ann);
    expect(JSON.stringify(server.lines)).not.toContain('483920');
  });

  test('and enters wrong ones three times is hung up, and locked out', async () => {
    await dial(ann, '900');
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await press('111111#');
      await delay(4_000);
    }
    await ann.heard('CALL_CLOSED');
    for (let call = 2; call <= 10 && !closedWith().some((why) => why?.startsWith('403')); call += 1) {
      await ann.command('dial', `sip:900@127.0.0.1:${ann.to}`);
      await eventually(() => ann.events.filter(({ type }) => /ESTABLISHED|CLOSED/.test(type)).length > 2 * (call - 1), '…');
      for (let attempt = 0; attempt < 3 && closedWith().length < call; attempt += 1) {
        await press('111111#');
        await delay(4_000);
      }
      await ann.heard('CALL_CLOSED', call);
    }
    expect(closedWith().at(-1)).toMatch(/^403/);
    expect(isIn('board')).toBe(false);
  });

  test('by early media pays nothing before the PIN is right', async () => {
    await ann.command('dial', `sip:901@127.0.0.1:${ann.to}`);
    await ann.heard('CALL_PROGRESS');
    await delay(500);
    expect(ann.events.some(({ type }) => type === 'CALL_ESTABLISHED')).toBe(false);
    await ann.command('hangup');
    await ann.heard('CALL_CLOSED');
    expect(closedWith()).toHaveLength(1);
    expect(isIn('board')).toBe(false);
  });
});
