import { describe, expect, test } from 'vitest';
import { answered } from './testing/established.ts';
import { nothing, offer, withPhone } from './testing/stage.ts';

/** 64 × T1. */
const patienceMs = 32_000;

describe('a call that came', () => {
  test('rings, is accepted and acknowledged, and ends with the BYE of the caller', async () => {
    const s = await withPhone();
    await s.say(s.phone.make('INVITE', [], offer));
    s.us.respond('INVITE', 180);
    await s.pass();
    s.us.respond('INVITE', 200, [], offer);
    await s.pass();
    const ok = s.phone.response(200);
    await s.say(s.phone.within(ok, 'ACK'));
    expect(s.us.last('INVITE').session?.state).toBe('confirmed');
    await s.say(s.phone.within(ok, 'BYE'));
    s.us.respond('BYE', 200);
    await s.pass();
    expect(s.phone.take()).toEqual(['180', '200', '200']);
    expect(s.us.told()).toEqual(['INVITE', 'acknowledged', 'BYE', 'over']);
    expect(await s.left()).toEqual(nothing());
  });

  test('says its 2xx again with pauses up to T2, until the ACK comes', async () => {
    const s = await withPhone();
    await s.say(s.phone.make('INVITE', [], offer));
    s.us.respond('INVITE', 200);
    await s.pass(8_000);
    // At 0, 0.5, 1.5, 3.5 and 7.5 seconds.
    expect(s.phone.heard.filter((message) => message.kind === 'response' && message.status === 200)).toHaveLength(5);
    const ok = s.phone.response(200);
    s.phone.take();
    await s.say(s.phone.within(ok, 'ACK'));
    await s.say(s.phone.within(ok, 'ACK'));
    await s.pass(10_000);
    expect([s.phone.take(), s.us.told()]).toEqual([[], ['INVITE', 'acknowledged']]);
    s.us.last('INVITE').session!.end('APPLICATION_GONE');
    await s.pass();
    await s.say(s.phone.answer(s.phone.request('BYE'), 200));
    expect(await s.left()).toEqual(nothing());
  });

  test('ends with a BYE of the agent when no ACK comes', async () => {
    const s = await withPhone();
    await s.say(s.phone.make('INVITE', [], offer));
    s.us.respond('INVITE', 200);
    await s.pass(patienceMs + 100);
    expect(s.phone.request('BYE').headers.get('Reason')).toContain('ACK timeout');
    expect(s.us.told()).toEqual(['INVITE', 'ACK_TIMEOUT', 'over']);
    expect(await s.left()).toEqual(nothing());
  });

  test('hangs up only when its 2xx is acknowledged', async () => {
    const s = await withPhone();
    await s.say(s.phone.make('INVITE', [], offer));
    s.us.respond('INVITE', 200);
    await s.pass();
    s.us.within(s.us.last('INVITE').session!, 'BYE');
    await s.pass(1_000);
    const ok = s.phone.response(200);
    expect(s.phone.take()).not.toContain('BYE');
    await s.say(s.phone.within(ok, 'ACK'));
    expect(s.phone.take()).toEqual(['BYE']);
    expect(await s.left()).toEqual(nothing());
  });

  test('says BYE after all when the ACK of a 2xx never comes', async () => {
    const s = await withPhone();
    await s.say(s.phone.make('INVITE', [], offer));
    s.us.respond('INVITE', 200);
    await s.pass();
    s.us.within(s.us.last('INVITE').session!, 'BYE');
    await s.pass(patienceMs + 100);
    expect(s.phone.take()).toContain('BYE');
    expect(await s.left()).toEqual(nothing());
  });

  test('is refused by 503 when the agent ends it while it rings, and no BYE is said', async () => {
    const s = await withPhone();
    await s.say(s.phone.make('INVITE', [], offer));
    s.us.respond('INVITE', 180);
    await s.pass();
    s.us.last('INVITE').session!.end('APPLICATION_GONE');
    await s.pass(1_000);
    expect(s.phone.take().filter((what) => what === 'BYE')).toEqual([]);
    expect(s.us.told()).toEqual(['INVITE', 'over']);
    expect(await s.left()).toEqual(nothing());
  });

  test('that is canceled while it rings is answered 487, and the CANCEL 200', async () => {
    const s = await withPhone();
    const invite = s.phone.make('INVITE', [], offer);
    await s.say(invite);
    s.us.respond('INVITE', 180);
    await s.pass();
    const headers = invite.headers.copy();
    headers.set('CSeq', (headers.get('CSeq') ?? '').replace('INVITE', 'CANCEL'));
    await s.say({ ...invite, method: 'CANCEL', headers, body: Buffer.alloc(0) });
    expect(s.phone.take()).toEqual(['180', '200', '487']);
    expect(s.us.told()).toEqual(['INVITE', 'over', 'canceled']);
    expect(s.us.respond('INVITE', 200)).toBeUndefined();
    expect(await s.left()).toEqual(nothing());
  });

  test('that is canceled after it was accepted goes on', async () => {
    const s = await withPhone();
    const invite = s.phone.make('INVITE', [], offer);
    await s.say(invite);
    s.us.respond('INVITE', 200);
    await s.pass();
    const headers = invite.headers.copy();
    headers.set('CSeq', (headers.get('CSeq') ?? '').replace('INVITE', 'CANCEL'));
    const ok = s.phone.response(200);
    s.phone.take();
    await s.say({ ...invite, method: 'CANCEL', headers, body: Buffer.alloc(0) });
    expect([s.phone.take(), s.us.told()]).toEqual([['200'], ['INVITE']]);
    await s.say(s.phone.within(ok, 'ACK'));
    await s.say(s.phone.within(ok, 'BYE'));
    s.us.respond('BYE', 200);
    expect(await s.left()).toEqual(nothing());
  });

  test('answers 481 to what comes within it after its end', async () => {
    const { s, ok } = await answered();
    await s.say(s.phone.within(ok, 'BYE'));
    s.us.respond('BYE', 200);
    await s.pass();
    s.phone.take();
    await s.say(s.phone.within(ok, 'INFO'));
    await s.say(s.phone.within(ok, 'INVITE', [], offer));
    expect(s.phone.take()).toEqual(['481', '481']);
    expect(await s.left()).toEqual(nothing());
  });

  test('ends once when both hang up at once, and each BYE is answered', async () => {
    const { s, ok, session } = await answered();
    s.us.within(session, 'BYE');
    await s.say(s.phone.within(ok, 'BYE'));
    expect(s.phone.take().sort()).toEqual(['200', 'BYE']);
    expect(s.us.told()).toEqual(['over']);
    await s.say(s.phone.answer(s.phone.make('BYE'), 200));
    expect(await s.left()).toEqual(nothing());
  });

  test('answers 500 to a request that was overtaken by a later one', async () => {
    const { s, ok } = await answered();
    const early = s.phone.within(ok, 'INFO');
    const late = s.phone.within(ok, 'INFO');
    await s.say(late);
    s.us.respond('INFO', 200);
    await s.say(early);
    expect(s.phone.take()).toEqual(['200', '500']);
    await s.say(s.phone.within(ok, 'BYE'));
    s.us.respond('BYE', 200);
    expect(await s.left()).toEqual(nothing());
  });
});
