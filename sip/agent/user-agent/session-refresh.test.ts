import { describe, expect, test } from 'vitest';
import { answered, calling } from './testing/established.ts';
import { nothing, offer } from './testing/stage.ts';

const timer = ['Supported', 'timer'] as const;
const byUs = ['Session-Expires', '90;refresher=uas'] as const;

describe('the one that was called, where the refresh is its part', () => {
  test('says so in its 2xx, and refreshes by UPDATE at half of the interval, again and again', async () => {
    const { s, ok, session } = await answered([timer, ['Allow', 'INVITE, UPDATE'], byUs]);
    expect(ok.headers.get('Session-Expires')).toBe('90;refresher=uas');
    for (let round = 0; round < 4; round += 1) {
      await s.pass(45_000);
      const update = s.phone.request('UPDATE');
      expect(update.headers.get('Session-Expires')).toBe('90;refresher=uac');
      expect(update.body.length).toBe(0);
      await s.say(s.phone.answer(update, 200, [['Session-Expires', '90;refresher=uac']]));
      s.phone.take();
    }
    expect([session.state, s.us.told()]).toEqual(['confirmed', []]);
    session.end('APPLICATION_GONE');
    expect(await s.left()).toEqual(nothing());
  });

  test('refreshes by a re-INVITE with its last offer where the caller knows no UPDATE, and acknowledges it', async () => {
    const { s, session } = await answered([timer, byUs]);
    await s.pass(45_000);
    const again = s.phone.request('INVITE');
    expect(again.body.toString()).toBe(offer);
    await s.say(s.phone.answer(again, 200, [['Session-Expires', '90;refresher=uac']], { body: offer }));
    await s.pass(44_000);
    expect([s.phone.take(), s.us.told(), session.state]).toEqual([['INVITE', 'ACK'], [], 'confirmed']);
    session.end('APPLICATION_GONE');
    expect(await s.left()).toEqual(nothing());
  });

  test('does it for a caller that knows no timer, whose proxy asked for one', async () => {
    const { s, ok, session } = await answered([['Session-Expires', '90']]);
    expect(ok.headers.get('Session-Expires')).toBe('90;refresher=uas');
    expect(ok.headers.all('Require')).not.toContain('timer');
    await s.pass(45_000);
    expect(s.phone.take()[0]).toBe('INVITE');
    session.end('APPLICATION_GONE');
    expect(await s.left()).toEqual(nothing());
  });

  test('ends the call when nobody answers its refresh', async () => {
    const { s } = await answered([timer, ['Allow', 'INVITE, UPDATE'], byUs]);
    await s.pass(61_000);
    expect(s.phone.request('BYE').headers.get('Reason')).toContain('Session timer expired');
    expect(s.phone.take().at(-1)).toBe('BYE');
    expect(s.us.told()).toEqual(['SESSION_EXPIRED', 'over']);
    expect(await s.left()).toEqual(nothing());
  });

  test('goes over to a re-INVITE when the caller refuses UPDATE, and tries later what is refused for now', async () => {
    const { s, session } = await answered([timer, ['Allow', 'INVITE, UPDATE'], byUs]);
    await s.pass(45_000);
    await s.say(s.phone.answer(s.phone.request('UPDATE'), 500, [['Retry-After', '3']]));
    s.phone.take();
    await s.pass(2_800);
    expect(s.phone.take()).toEqual([]);
    await s.pass(400);
    await s.say(s.phone.answer(s.phone.request('UPDATE'), 405));
    await s.pass();
    await s.say(
      s.phone.answer(s.phone.request('INVITE'), 200, [['Session-Expires', '90;refresher=uac']], { body: offer }),
    );
    await s.pass(40_000);
    expect([session.state, s.us.told()]).toEqual(['confirmed', []]);
    session.end('APPLICATION_GONE');
    expect(await s.left()).toEqual(nothing());
  });
});

test('a refresh that is refused for what it was asked for is not sent again and again', async () => {
  const { s } = await answered([timer, ['Allow', 'INVITE, UPDATE'], byUs]);
  await s.pass(45_000);
  for (let round = 0; round < 10; round += 1) {
    if (s.phone.heard.length === 0) continue;
    const update = s.phone.request('UPDATE');
    expect(s.phone.take()).toEqual(['UPDATE']);
    await s.say(s.phone.answer(update, 422, [['Min-SE', '120']]));
  }
  // At first it asked for 90 s, then for 120: that was to be enough.
  await s.pass(16_000);
  expect([new Set(s.phone.take()), s.us.told()]).toEqual([new Set(['BYE']), ['SESSION_EXPIRED', 'over']]);
  expect(await s.left()).toEqual(nothing());
});

describe('the interval', () => {
  test('runs anew from each refresh of the other side, and ends the call after the last', async () => {
    const { s, ok } = await answered([timer, ['Session-Expires', '90;refresher=uac']]);
    for (let round = 0; round < 3; round += 1) {
      await s.pass(50_000);
      await s.say(s.phone.within(ok, 'UPDATE', [timer, ['Session-Expires', '90;refresher=uac']]));
      s.us.respond('UPDATE', 200);
      await s.pass();
      expect(s.phone.response(200).headers.get('Session-Expires')).toBe('90;refresher=uac');
    }
    s.us.told();
    await s.pass(61_000);
    expect(s.us.told()).toEqual(['SESSION_EXPIRED', 'over']);
    expect(await s.left()).toEqual(nothing());
  });

  test('is none where a 2xx of a refresh says none', async () => {
    const { s, session } = await calling([
      ['Allow', 'INVITE, UPDATE'],
      ['Session-Expires', '90;refresher=uac'],
    ]);
    await s.pass(45_000);
    await s.say(s.phone.answer(s.phone.request('UPDATE'), 200));
    s.phone.take();
    await s.pass(300_000);
    expect([s.phone.take(), session.state]).toEqual([[], 'confirmed']);
    session.end('APPLICATION_GONE');
    expect(await s.left()).toEqual(nothing());
  });
});
