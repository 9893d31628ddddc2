import { describe, expect, test } from 'vitest';
import { answered, calling } from './testing/established.ts';
import { nothing, offer, withPhone } from './testing/stage.ts';

const expires = (seconds: number) => [['Expires', String(seconds)]] as const;

describe('an INVITE that came with Expires', () => {
  test('is 487 when its time is over, and whoever lets it ring is told', async () => {
    const s = await withPhone();
    await s.say(s.phone.make('INVITE', expires(20), offer));
    s.us.respond('INVITE', 180);
    await s.pass(19_000);
    expect(s.phone.take()).toEqual(['180']);
    await s.pass(1_000);
    expect([s.phone.take()[0], s.us.told()]).toEqual(['487', ['INVITE', 'refused 487', 'over']]);
    expect(s.us.reasons).toEqual(['SIP ;cause=487 ;text="Invitation expired"']);
    expect(s.us.respond('INVITE', 200, [], offer)).toBeUndefined();
    expect(await s.left()).toEqual(nothing());
  });

  test('is a call as any once it was accepted', async () => {
    const { s, session } = await answered(expires(20));
    await s.pass(60_000);
    expect([session.state, s.us.told()]).toEqual(['confirmed', []]);
    session.end('APPLICATION_GONE');
    expect(await s.left()).toEqual(nothing());
  });

  test('is not taken back while its 2xx waits for a PRACK', async () => {
    const s = await withPhone();
    await s.say(s.phone.make('INVITE', [['Supported', '100rel'], ...expires(5)], offer));
    s.us.respond('INVITE', 183, [['Require', '100rel']], offer);
    s.us.respond('INVITE', 200, [], offer);
    await s.pass(6_000);
    expect(s.us.told()).toEqual(['INVITE']);
    const progress = s.phone.response(183).headers;
    const rack = `${progress.get('RSeq')} ${progress.get('CSeq')}`;
    await s.say(s.phone.within(s.phone.response(183), 'PRACK', [['RAck', rack]]));
    expect(s.phone.take().at(-1)).toBe('200');
    s.us.respond('PRACK', 200);
    s.us.last('INVITE').session!.end('SHUTDOWN');
    expect(await s.left()).toEqual(nothing());
  });

  test('within a call leaves the call as it was', async () => {
    const { s, ok, session } = await answered();
    await s.say(s.phone.within(ok, 'INVITE', expires(5), offer));
    await s.pass(5_000);
    expect([s.phone.take()[0], s.us.told(), session.state]).toEqual(['487', ['INVITE', 'refused 487'], 'confirmed']);
    session.end('APPLICATION_GONE');
    expect(await s.left()).toEqual(nothing());
  });

  test.each(['', 'soon', '-1'])('that is %j rings on', async (value) => {
    const s = await withPhone();
    await s.say(s.phone.make('INVITE', [['Expires', value]], offer));
    await s.pass(60_000);
    expect(s.us.told()).toEqual(['INVITE']);
    s.us.last('INVITE').session!.end('APPLICATION_GONE');
    expect(await s.left()).toEqual(nothing());
  });
});

describe('an INVITE of ours with Expires', () => {
  test('is canceled when its time is over, and its 487 is told', async () => {
    const s = await withPhone();
    s.us.call('sip:phone@192.0.2.9', expires(20));
    await s.pass();
    const invite = s.phone.request('INVITE');
    await s.say(s.phone.answer(invite, 180));
    await s.pass(20_000);
    expect(s.phone.request('CANCEL').headers.get('Reason')).toBe('SIP ;cause=487 ;text="Invitation expired"');
    await s.say(s.phone.answer(s.phone.request('CANCEL'), 200));
    await s.say(s.phone.answer(invite, 487));
    expect(s.us.told()).toEqual(['180', '487', 'over']);
    expect(s.phone.take()).toEqual(['INVITE', 'CANCEL', 'ACK']);
    expect(await s.left()).toEqual(nothing());
  });

  test('that nobody answered in time is canceled at the first sign of life, and without one says nothing', async () => {
    for (const alive of [true, false]) {
      const s = await withPhone();
      s.us.call('sip:phone@192.0.2.9', expires(2));
      await s.pass(3_000);
      const invite = s.phone.request('INVITE');
      expect(s.phone.take()).not.toContain('CANCEL');
      if (alive) await s.say(s.phone.answer(invite, 180));
      expect(s.phone.take().includes('CANCEL')).toBe(alive);
      if (alive) await s.say(s.phone.answer(invite, 487));
      await s.pass(32_000);
      expect(s.us.told()).toEqual(alive ? ['180', '487', 'over'] : ['408', 'over']);
      expect(await s.left()).toEqual(nothing());
    }
  });

  test('is a call as any once it was accepted', async () => {
    const { s, session } = await calling();
    s.us.within(session, 'INVITE', expires(5), offer);
    await s.pass();
    await s.say(s.phone.answer(s.phone.request('INVITE'), 200, [], { body: offer }));
    s.us.acknowledge(session);
    await s.pass(10_000);
    expect([s.phone.take(), session.state]).toEqual([['INVITE', 'ACK'], 'confirmed']);
    session.end('APPLICATION_GONE');
    expect(await s.left()).toEqual(nothing());
  });
});

describe('an INVITE that the agent itself refuses', () => {
  test('for nobody acknowledged a provisional answer is 504, and whoever lets it ring is told', async () => {
    const s = await withPhone();
    await s.say(s.phone.make('INVITE', [['Supported', '100rel']], offer));
    s.us.respond('INVITE', 183, [['Require', '100rel']], offer);
    await s.pass(32_100);
    expect(s.phone.take().at(-1)).toBe('504');
    expect(s.us.told()).toEqual(['INVITE', 'refused 504', 'over']);
    expect(s.us.reasons).toEqual(['SIP ;cause=504 ;text="Provisional answer not acknowledged"']);
    expect(await s.left()).toEqual(nothing());
  });

  test('for it shuts down is 503, and whoever lets it ring is told', async () => {
    const s = await withPhone();
    await s.say(s.phone.make('INVITE', [], offer));
    s.us.last('INVITE').session!.end('SHUTDOWN');
    await s.pass();
    expect([s.phone.take(), s.us.told()]).toEqual([['503'], ['INVITE', 'refused 503', 'over']]);
    expect(await s.left()).toEqual(nothing());
  });
});
