import { describe, expect, test } from 'vitest';
import { answered, calling } from './testing/established.ts';
import { nothing, offer, withPhone } from './testing/stage.ts';

const timer = [
  ['Supported', 'timer'],
  ['Allow', 'INVITE, UPDATE'],
] as const;

test('an option tag is one in any case', async () => {
  const s = await withPhone();
  await s.say(s.phone.make('INVITE', [['Supported', '100REL']], offer));
  s.us.respond('INVITE', 183, [['Require', '100rel']], offer);
  await s.pass();
  expect(s.phone.response(183).headers.has('RSeq')).toBe(true);
  s.us.last('INVITE').session?.end('APPLICATION_GONE');
  expect(await s.left()).toEqual(nothing());
});

describe('a refresh that is refused with 491', () => {
  // RFC 3261 section 14.1: whoever owns the Call-ID waits 2.1 to 4 s, the other one at most 2 s.
  test('is tried again after 2.1 to 4 seconds by the one that made the call', async () => {
    const { s, session } = await calling([
      ['Allow', 'INVITE, UPDATE'],
      ['Session-Expires', '90;refresher=uac'],
    ]);
    await s.pass(45_000);
    await s.say(s.phone.answer(s.phone.request('UPDATE'), 491));
    s.phone.take();
    await s.pass(2_000);
    expect(s.phone.take()).toEqual([]);
    await s.pass(2_000);
    expect(s.phone.take()[0]).toBe('UPDATE');
    session.end('APPLICATION_GONE');
    expect(await s.left()).toEqual(nothing());
  });

  test('is tried again within 2 seconds by the one that was called', async () => {
    const { s, session } = await answered([...timer, ['Session-Expires', '90;refresher=uas']]);
    await s.pass(45_000);
    await s.say(s.phone.answer(s.phone.request('UPDATE'), 491));
    s.phone.take();
    await s.pass(2_010);
    expect(s.phone.take()[0]).toBe('UPDATE');
    session.end('APPLICATION_GONE');
    expect(await s.left()).toEqual(nothing());
  });
});

describe('an offer that crosses another one', () => {
  test('in an UPDATE is 491 while ours is not answered, and 500 while theirs is not', async () => {
    const { s, ok, session } = await answered();
    s.us.within(session, 'UPDATE', [], offer);
    await s.pass();
    const ours = s.phone.request('UPDATE');
    await s.say(s.phone.within(ok, 'UPDATE', [], offer));
    await s.say(s.phone.within(ok, 'INVITE', [], offer));
    // Without an offer it refreshes the session, which crosses nothing.
    await s.say(s.phone.within(ok, 'UPDATE'));
    s.us.respond('UPDATE', 200);
    await s.say(s.phone.answer(ours, 200, [], { body: offer }));
    expect(s.phone.take()).toEqual(['UPDATE', '491', '491', '200']);
    await s.say(s.phone.within(ok, 'INVITE', [], offer));
    await s.say(s.phone.within(ok, 'UPDATE', [], offer));
    expect(s.phone.response(500).headers.get('Retry-After')).toMatch(/^\d$/);
    s.us.told();
    s.us.within(session, 'UPDATE', [], offer);
    expect(s.us.told()).toEqual(['491']);
    session.end('APPLICATION_GONE');
    expect(await s.left()).toEqual(nothing());
  });

  test('of an INVITE whose 2xx is not acknowledged is 491', async () => {
    const s = await withPhone();
    await s.say(s.phone.make('INVITE', [], offer));
    s.us.respond('INVITE', 200, [], offer);
    await s.pass();
    const ok = s.phone.response(200);
    await s.say(s.phone.within(ok, 'INVITE', [], offer));
    expect(s.phone.take()).toEqual(['200', '491']);
    await s.say(s.phone.within(ok, 'ACK'));
    s.us.last('INVITE').session!.end('APPLICATION_GONE');
    expect(await s.left()).toEqual(nothing());
  });
});

describe('an UPDATE before the call is accepted', () => {
  test('offers once the first offer is answered reliably, and is answered', async () => {
    const s = await withPhone();
    await s.say(s.phone.make('INVITE', [['Supported', '100rel']], offer));
    s.us.respond('INVITE', 183, [['Require', '100rel']], offer);
    await s.pass();
    const progress = s.phone.response(183);
    await s.say(s.phone.within(progress, 'UPDATE', [], offer));
    expect(s.phone.take()).toEqual(['183', '500']);
    const rack = `${progress.headers.get('RSeq')} ${progress.headers.get('CSeq')}`;
    await s.say(s.phone.within(progress, 'PRACK', [['RAck', rack]]));
    s.us.respond('PRACK', 200);
    await s.say(s.phone.within(progress, 'UPDATE', [['Contact', '<sip:moved@192.0.2.9:5060>']], offer));
    s.us.respond('UPDATE', 200, [], offer);
    await s.pass();
    expect(s.phone.take()).toEqual(['200', '200']);
    const { session } = s.us.last('INVITE');
    expect(session?.dialog?.remoteTarget).toBe('sip:moved@192.0.2.9:5060');
    s.us.respond('INVITE', 486);
    await s.pass();
    expect(s.phone.take()).toEqual(['486']);
    expect(await s.left()).toEqual(nothing());
  });

  test('of ours waits for the answer to our offer, and goes to the phone that answered', async () => {
    const s = await withPhone();
    const session = s.us.call('sip:phone@192.0.2.9');
    await s.pass();
    const invite = s.phone.request('INVITE');
    await s.say(s.phone.answer(invite, 180));
    s.us.within(session, 'UPDATE', [], offer);
    expect(s.us.told()).toEqual(['180', '491']);
    const reliable = [
      ['Require', '100rel'],
      ['RSeq', '1'],
    ] as const;
    await s.say(s.phone.answer(invite, 183, reliable, { body: offer }));
    s.us.within(session, 'UPDATE', [], offer);
    await s.pass();
    await s.say(s.phone.answer(s.phone.request('UPDATE'), 200, [], { body: offer }));
    expect([s.us.told(), s.phone.take()]).toEqual([
      ['183', '200'],
      ['INVITE', 'UPDATE'],
    ]);
    session.end('APPLICATION_GONE');
    expect(await s.left()).toEqual(nothing());
  });

  test('outside of any call is 481', async () => {
    const s = await withPhone();
    await s.say(s.phone.make('UPDATE', [], offer));
    expect(s.phone.take()).toEqual(['481']);
    expect(await s.left()).toEqual(nothing());
  });
});
