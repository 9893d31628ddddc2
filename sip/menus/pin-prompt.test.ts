import { beforeEach, describe, expect, test } from 'vitest';
import { PinLockout } from './pin-lockout.ts';
import { type PinOutcome, PinPrompt } from './pin-prompt.ts';
import { openStage } from './testing/menu-stage.ts';

const board = { pin: '1234', room: 'board' };
const choices = [board, { pin: '98765432', room: 'plenum' }, { pin: '1234', room: 'never' }, { pin: '', room: 'open' }];

let stage: Awaited<ReturnType<typeof openStage>>;
let lockout: PinLockout;
let outcome: PinOutcome<{ readonly pin: string; readonly room: string }> | undefined;

beforeEach(async () => {
  stage = await openStage();
  lockout = new PinLockout(stage.clock);
  outcome = undefined;
});

function ask(source = '+4930123') {
  const prompt = new PinPrompt({ ...stage, lockout }, { leg: stage.leg, choices, source });
  outcome = undefined;
  void prompt.outcome.then((came) => {
    outcome = came;
  });
  return prompt;
}

const enter = async (digits: string) => {
  stage.leg.press(digits);
  await stage.pass(0);
  await stage.pass(100);
};

describe('a right PIN', () => {
  test('leads to its room, without another word', async () => {
    ask();
    expect(stage.leg.said).toEqual(['pin-enter']);
    await stage.pass(5_000);
    await enter('1234#');
    expect(outcome).toEqual({ kind: 'right', choice: board });
    expect(stage.leg.said).toEqual(['pin-enter']);
    expect(stage.clock.pendingTimers).toBe(0);
  });

  test('needs no hash key: the time after its last digit ends it', async () => {
    ask();
    await enter('12');
    await stage.pass(4_800);
    await enter('34');
    await stage.pass(4_800);
    expect(outcome).toBeUndefined();
    await stage.pass(200);
    expect(outcome).toEqual({ kind: 'right', choice: board });
  });

  test('counts while it is asked for, and stops the prompt', async () => {
    ask();
    expect(stage.leg.speaks).toBe(true);
    await enter('1');
    expect(stage.leg.speaks).toBe(false);
    await enter('234#');
    expect(outcome?.kind).toBe('right');
  });

  test('may be begun anew with a star, and letters are passed over', async () => {
    ask();
    await enter('99*A1B2C3D4#');
    expect(outcome).toEqual({ kind: 'right', choice: board });
  });

  test('is right at the third attempt', async () => {
    ask();
    await enter('1#');
    await enter('123#');
    await enter('98765432#');
    expect(outcome).toEqual({ kind: 'right', choice: choices[1] });
    expect(stage.leg.said).toEqual(['pin-enter', 'pin-wrong, pin-enter', 'pin-wrong, pin-enter']);
  });
});

describe('a wrong PIN', () => {
  test('may be entered three times; then that is said to its end', async () => {
    ask();
    for (const digits of ['12345#', '123#', '4321#']) await enter(digits);
    expect(stage.leg.said.at(-1)).toBe('pin-wrong, goodbye');
    expect(outcome).toBeUndefined();
    stage.leg.press('1234#');
    await stage.pass(10_000);
    expect(outcome).toEqual({ kind: 'wrong' });
    expect(stage.clock.pendingTimers).toBe(0);
  });

  test('that is long beyond all measure is wrong as well', async () => {
    ask();
    await enter(`${'1234'.repeat(100)}#`);
    expect(stage.leg.said.at(-1)).toBe('pin-wrong, pin-enter');
  });

  test('of a leg that does not finish its words ends all the same', async () => {
    ask();
    stage.leg.isStuck = true;
    for (const digits of ['1#', '2#', '3#']) await enter(digits);
    await stage.pass(15_000);
    expect(outcome).toEqual({ kind: 'wrong' });
  });
});

describe('no PIN', () => {
  test('is asked for three times, eight seconds after each prompt', async () => {
    ask();
    await stage.pass(60_000);
    expect(stage.leg.said).toEqual([
      'pin-enter',
      'pin-nothing, pin-enter',
      'pin-nothing, pin-enter',
      'pin-nothing, goodbye',
    ]);
    expect(outcome).toEqual({ kind: 'silent' });
    expect(stage.clock.pendingTimers).toBe(0);
  });

  test('is what a hash key alone means, also where a room has an empty one', async () => {
    ask();
    await enter('#');
    expect(stage.leg.said.at(-1)).toBe('pin-nothing, pin-enter');
    await enter('*#');
    expect(stage.leg.said.at(-1)).toBe('pin-nothing, pin-enter');
    await enter('#');
    await stage.pass(10_000);
    expect(outcome).toEqual({ kind: 'silent' });
  });

  test('a caller who never comes to an end is let go after two minutes', async () => {
    ask();
    for (let seconds = 0; seconds < 130; seconds += 2) {
      stage.leg.press(seconds % 20 === 18 ? '*' : '7');
      await stage.pass(2_000);
    }
    expect(outcome).toEqual({ kind: 'silent' });
  });
});

describe('the lock-out', () => {
  async function guess(times: number, source?: string) {
    for (let time = 0; time < times; time += 1) {
      ask(source);
      for (const digits of ['1#', '2#', '3#']) await enter(digits);
      await stage.pass(10_000);
    }
  }

  test('comes with the tenth wrong PIN of a source, over its calls', async () => {
    await guess(3);
    expect(outcome).toEqual({ kind: 'wrong' });
    ask();
    await enter('4#');
    await stage.pass(10_000);
    expect(outcome).toEqual({ kind: 'locked' });
    expect(stage.leg.said.at(-1)).toBe('pin-locked, goodbye');
  });

  test('does not look at the right PIN, asks for nothing, and leaves others alone', async () => {
    await guess(4);
    ask();
    stage.leg.press('1234#');
    await stage.pass(10_000);
    expect(outcome).toEqual({ kind: 'locked' });
    expect(stage.leg.said.at(-1)).toBe('pin-locked, goodbye');
    ask('+4930999');
    await enter('1234#');
    expect(outcome?.kind).toBe('right');
  });

  test('reaches a call that was asked before another one of the source was wrong', async () => {
    ask();
    for (let time = 0; time < 10; time += 1) lockout.wrong('+4930123');
    await enter('1234#');
    await stage.pass(10_000);
    expect(outcome).toEqual({ kind: 'locked' });
  });

  test('gives one attempt more after six minutes, and a right PIN does not end it', async () => {
    await guess(4);
    stage.clock.advance(360_000);
    ask();
    await enter('1234#');
    expect(outcome?.kind).toBe('right');
    ask();
    await enter('1#');
    await stage.pass(10_000);
    expect(outcome).toEqual({ kind: 'locked' });
  });
});

test('while too many numbers of a trunk are wrong, right and wrong PINs hear the same', async () => {
  const group = { trunk: 'provider', rule: 'conferences' };
  for (let caller = 0; caller < 50; caller += 1)
    lockout.judge({ source: `provider:${caller}`, group, choices, choice: undefined });
  for (const digits of ['1234#', '4321#']) {
    const prompt = new PinPrompt(
      { ...stage, lockout },
      { leg: stage.leg, choices, source: 'provider:+4930123', group },
    );
    expect(stage.leg.said.at(-1)).toBe('pin-enter');
    await enter(digits);
    await stage.pass(10_000);
    expect([await prompt.outcome, stage.leg.said.at(-1)]).toEqual([{ kind: 'locked' }, 'pin-locked, goodbye']);
  }
});

describe('a call that ends', () => {
  test.each([
    ['by itself', (prompt: { close(): void }) => prompt.close()],
    ['by its leg', () => stage.leg.events.emit('closed', {})],
  ])('%s leaves nothing behind', async (_how, end) => {
    const prompt = ask();
    await enter('12');
    end(prompt);
    prompt.close();
    stage.leg.press('34#');
    await stage.pass(20_000);
    expect(outcome).toEqual({ kind: 'gone' });
    expect(stage.leg.said).toEqual(['pin-enter']);
    expect(stage.clock.pendingTimers).toBe(0);
  });

  test('during the last words is gone', async () => {
    const prompt = ask();
    for (const digits of ['1#', '2#', '3#']) await enter(digits);
    prompt.close();
    await stage.pass(100);
    expect(outcome?.kind).toBe('gone');
    stage.leg.stopPlaying();
    expect(stage.clock.pendingTimers).toBe(0);
  });
});
