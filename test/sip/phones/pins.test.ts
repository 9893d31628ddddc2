import { setTimeout as delay } from 'node:timers/promises';
import { beforeEach, describe, expect, test } from 'vitest';
import { eventually } from '../../support/eventually.ts';
import { briefPrompts } from '../../support/phones/brief-prompts.ts';
import { dial, hangUp, registeredPhone, type TestPhone } from '../../support/phones/phone.ts';
import { type PhoneServer, startPhoneServer } from '../../support/phones/phone-server.ts';
import { planOfThree } from '../../support/phones/plan.ts';
import { heardBy } from '../../support/phones/recordings.ts';
import { isSaid, likeness, shippedPrompt } from '../../support/phones/sound-search.ts';
import { requireOrSkip } from '../../support/require.ts';
import { SipClock } from '../../support/sip-clock.ts';

const here = requireOrSkip('mediasoup') && requireOrSkip('baresip');

describe.skipIf(!here)('a caller who is asked for a PIN', { timeout: 90_000 }, () => {
  let server: PhoneServer;
  let ann: TestPhone;

  beforeEach(async () => {
    // Before it is hung up it hears why, to the end.
    const promptsFolder = await briefPrompts(['pin-wrong', 'pin-locked', 'goodbye']);
    server = await startPhoneServer(planOfThree, { sip: { promptsFolder } });
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
    // Longer than it is asked.
    ['slowly', 700],
  ])('and enters the right one %s is in its room', async (_how, betweenMs) => {
    await dial(ann, '900');
    await press('483920#', betweenMs);
    await eventually(() => isIn('board'), 'that it is in the room', 20_000);
    await hangUp(ann);
    expect(JSON.stringify(server.lines)).not.toContain('483920');
  });

  /** One call with wrong PINs, until it is hung up or refused. */
  const guess = async (call: number) => {
    await ann.command('dial', `sip:900@127.0.0.1:${ann.to}`);
    const established = () => ann.events.filter(({ type }) => type === 'CALL_ESTABLISHED').length;
    await eventually(() => established() === call || closedWith().length === call, 'an answer');
    while (closedWith().length < call) await press('1#').catch(() => {});
  };

  test('and enters wrong ones is hung up after three, and locked out in the fourth call', async () => {
    for (let call = 1; call <= 3; call += 1) await guess(call);
    expect(closedWith()).not.toContainEqual(expect.stringMatching(/^403/));
    await guess(4);
    await ann.command('dial', `sip:900@127.0.0.1:${ann.to}`);
    await ann.heard('CALL_CLOSED', 5);
    expect(closedWith().at(-1)).toMatch(/^403/);
    expect(isIn('board')).toBe(false);
  });

  test('by early media pays nothing before the PIN is right, and is refused where it never is', async () => {
    const isUp = () => ann.events.some(({ type }) => type === 'CALL_ESTABLISHED');
    await ann.command('dial', `sip:901@127.0.0.1:${ann.to}`);
    await ann.heard('CALL_PROGRESS');
    await press('1#1#1#');
    await ann.heard('CALL_CLOSED');
    expect(closedWith()).toEqual([expect.stringMatching(/^403/)]);
    expect([isUp(), isIn('board')]).toEqual([false, false]);

    await ann.command('dial', `sip:901@127.0.0.1:${ann.to}`);
    await ann.heard('CALL_PROGRESS', 2);
    await delay(500);
    expect(isUp()).toBe(false);
    await press('483920#');
    await ann.heard('CALL_ESTABLISHED');
    await eventually(() => isIn('board'), 'that it is in the room');
    await hangUp(ann, 2);
  });
});

test.skipIf(!here)(
  'a caller who presses nothing is asked three times, hears why, and is hung up',
  { timeout: 90_000 },
  async () => {
    const clock = new SipClock();
    const server = await startPhoneServer(planOfThree, { clock });
    const ann = await registeredPhone(server, { user: 'ann' });
    await dial(ann, '900');
    const isOver = () => ann.events.some(({ type }) => type === 'CALL_CLOSED');
    // What is spoken takes its time; what is waited for passes at once.
    for (const spokenMs of [6_000, 6_000, 6_000]) {
      await delay(spokenMs);
      expect(isOver()).toBe(false);
      await clock.skip(8_000);
    }
    await ann.heard('CALL_CLOSED');
    const [heard] = await heardBy(ann);
    for (const words of ['pin-enter', 'pin-nothing', 'goodbye']) {
      expect(likeness(heard!, await shippedPrompt(words)), words).toBeGreaterThan(isSaid);
    }
    expect(server.lines.some(({ message }) => message === 'peer joined')).toBe(false);
  },
);
