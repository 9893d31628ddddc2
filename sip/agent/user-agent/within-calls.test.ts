import { describe, expect, test } from 'vitest';
import { answered, calling } from './testing/established.ts';
import { nothing, offer, withPhone } from './testing/stage.ts';

type Fields = readonly (readonly [string, string])[];

describe('offers within a call', () => {
  test('are answered both ways, and change where the other side is', async () => {
    const { s, ok, session } = await answered();
    await s.say(s.phone.within(ok, 'INVITE', [['Contact', '<sip:moved@192.0.2.9:5060>']], offer));
    s.us.respond('INVITE', 200, [], offer);
    await s.pass();
    await s.say(s.phone.within(s.phone.response(200), 'ACK'));
    expect(session.dialog?.remoteTarget).toBe('sip:moved@192.0.2.9:5060');
    s.us.told();
    s.us.within(session, 'INVITE', [], offer);
    await s.pass();
    await s.say(s.phone.answer(s.phone.request('INVITE'), 200, [], { body: offer }));
    s.us.acknowledge(session);
    await s.pass();
    expect(s.us.told()).toEqual(['200']);
    expect(s.phone.take()).toEqual(['200', 'INVITE', 'ACK']);
    session.end('APPLICATION_GONE');
    expect(await s.left()).toEqual(nothing());
  });

  test('that cross are refused with 491, here and there', async () => {
    const { s, ok, session } = await answered();
    s.us.within(session, 'INVITE', [], offer);
    await s.pass();
    const ours = s.phone.request('INVITE');
    await s.say(s.phone.within(ok, 'INVITE', [], offer));
    expect(s.phone.take()).toContain('491');
    await s.say(s.phone.answer(ours, 491));
    await s.say(s.phone.within(ok, 'INVITE', [], offer));
    s.us.told();
    s.us.within(session, 'INVITE', [], offer);
    expect(s.us.told()).toEqual(['491']);
    // A second one before the first is answered.
    await s.say(s.phone.within(ok, 'INVITE', [], offer));
    expect(s.phone.response(500).headers.get('Retry-After')).toMatch(/^\d$/);
    session.end('APPLICATION_GONE');
    expect(await s.left()).toEqual(nothing());
  });

  test.each(['phone', 'application'])(
    'that the phone works on without end are taken back when the %s hangs up',
    async (who) => {
      const { s, ok, session } = await answered();
      s.us.within(session, 'INVITE', [], offer);
      await s.pass();
      await s.say(s.phone.answer(s.phone.request('INVITE'), 183));
      s.phone.take();
      if (who === 'phone') {
        await s.say(s.phone.within(ok, 'BYE'));
        s.us.respond('BYE', 200);
      } else session.end('APPLICATION_GONE');
      await s.pass();
      expect(s.phone.take()).toContain('CANCEL');
      expect(await s.left()).toEqual(nothing());
    },
  );

  test.each(['487', 'nothing'])(
    'that the phone works on for too long are taken back, it says %s to that, and the call goes on',
    async (says) => {
      const { s, session } = await answered();
      s.us.within(session, 'INVITE', [], offer);
      await s.pass();
      const ours = s.phone.request('INVITE');
      await s.say(s.phone.answer(ours, 100));
      await s.pass(31_000);
      expect(s.phone.take()).not.toContain('CANCEL');
      await s.pass(1_500);
      expect(s.phone.request('CANCEL').headers.get('Reason')).toContain('Offer not answered');
      await s.say(s.phone.answer(s.phone.request('CANCEL'), 200));
      if (says === '487') await s.say(s.phone.answer(ours, 487));
      else await s.pass(32_000);
      expect([s.us.told(), session.state]).toEqual([['487'], 'confirmed']);
      s.us.within(session, 'INVITE', [], offer);
      await s.pass();
      await s.say(s.phone.answer(s.phone.request('INVITE'), 200, [], { body: offer }));
      s.us.acknowledge(session);
      expect(s.us.told()).toEqual(['200']);
      session.end('APPLICATION_GONE');
      expect(await s.left()).toEqual(nothing());
    },
  );

  test('a re-INVITE is canceled, and the call goes on', async () => {
    const { s, ok, session } = await answered();
    const again = s.phone.within(ok, 'INVITE', [], offer);
    await s.say(again);
    const headers = again.headers.copy();
    headers.set('CSeq', (headers.get('CSeq') ?? '').replace('INVITE', 'CANCEL'));
    await s.say({ ...again, method: 'CANCEL', headers, body: Buffer.alloc(0) });
    expect([s.phone.take(), s.us.told(), session.state]).toEqual([['200', '487'], ['INVITE', 'canceled'], 'confirmed']);
    session.end('APPLICATION_GONE');
    expect(await s.left()).toEqual(nothing());
  });

  test('an UPDATE refreshes while another one that is not answered gets 500', async () => {
    const { s, ok, session } = await answered();
    await s.say(s.phone.within(ok, 'UPDATE', [], offer));
    await s.say(s.phone.within(ok, 'UPDATE', [], offer));
    s.us.respond('UPDATE', 200, [], offer);
    await s.pass();
    expect(s.phone.take()).toEqual(['500', '200']);
    session.end('APPLICATION_GONE');
    expect(await s.left()).toEqual(nothing());
  });
});

describe('reliable provisional answers', () => {
  test('are sent one by one, and a 2xx waits for the last PRACK', async () => {
    const s = await withPhone();
    await s.say(s.phone.make('INVITE', [['Supported', '100rel']], offer));
    s.us.respond('INVITE', 183, [['Require', '100rel']], offer);
    s.us.respond('INVITE', 180, [['Require', '100rel']]);
    s.us.respond('INVITE', 200, [], offer);
    await s.pass();
    expect(s.phone.take()).toEqual(['183']);
    await s.pass(600);
    const progress = s.phone.response(183);
    const rack = (rseq: string | undefined) => `${rseq} ${progress.headers.get('CSeq')}`;
    await s.say(s.phone.within(progress, 'PRACK', [['RAck', rack(progress.headers.get('RSeq'))]]));
    s.us.respond('PRACK', 200);
    await s.pass();
    expect(s.phone.take()).toEqual(['183', '180', '200']);
    const next = String(Number(progress.headers.get('RSeq')) + 1);
    await s.say(s.phone.within(progress, 'PRACK', [['RAck', rack('1')]]));
    await s.say(s.phone.within(progress, 'PRACK', [['RAck', rack(next)]]));
    s.us.respond('PRACK', 200);
    await s.pass();
    expect(s.phone.take()).toEqual(['481', '200', '200']);
    s.us.last('INVITE').session!.end('SHUTDOWN');
    expect(await s.left()).toEqual(nothing());
  });

  test('that are never acknowledged end the call with 504', async () => {
    const s = await withPhone();
    await s.say(s.phone.make('INVITE', [['Supported', '100rel']], offer));
    s.us.respond('INVITE', 183, [['Require', '100rel']], offer);
    s.us.respond('INVITE', 200, [], offer);
    await s.pass(32_100);
    expect(s.phone.take().at(-1)).toBe('504');
    expect(s.us.told()).toEqual(['INVITE', 'over', 'ACK_TIMEOUT']);
    expect(await s.left()).toEqual(nothing());
  });

  test('of the other side are heard once and in their order', async () => {
    const s = await withPhone();
    const session = s.us.call('sip:phone@192.0.2.9');
    await s.pass();
    const invite = s.phone.request('INVITE');
    const reliable = (rseq: number) =>
      s.phone.answer(invite, 183, [
        ['Require', '100rel'],
        ['RSeq', String(rseq)],
      ]);
    for (const rseq of [7, 7, 9, 8]) await s.say(reliable(rseq));
    expect(s.us.told()).toEqual(['183', '183']);
    session.end('APPLICATION_GONE');
    expect(await s.left()).toEqual(nothing());
  });
});

describe('session timers', () => {
  test('end a call that its caller does not refresh', async () => {
    const { s } = await answered([
      ['Supported', 'timer'],
      ['Session-Expires', '90;refresher=uac'],
    ]);
    await s.pass(59_000);
    expect(s.us.told()).toEqual([]);
    await s.pass(2_000);
    expect(s.us.told()).toEqual(['SESSION_EXPIRED', 'over']);
    expect(await s.left()).toEqual(nothing());
  });

  test('refuse an interval that is too short, at the first INVITE and at a later one', async () => {
    const short: Fields = [
      ['Supported', 'timer'],
      ['Session-Expires', '30'],
    ];
    const { s, ok, session } = await answered();
    await s.say(s.phone.make('INVITE', short, offer));
    await s.say(s.phone.within(ok, 'INVITE', short, offer));
    expect(s.phone.take()).toEqual(['422', '422']);
    session.end('APPLICATION_GONE');
    expect(await s.left()).toEqual(nothing());
  });

  test('are refreshed by UPDATE where that is known, and by a re-INVITE otherwise', async () => {
    const terms = ['Session-Expires', '90;refresher=uac'] as const;
    for (const [fields, method] of [
      [[['Allow', 'INVITE, UPDATE'], terms], 'UPDATE'],
      [[terms], 'INVITE'],
    ] as const) {
      const { s, session } = await calling(fields);
      await s.pass(45_000);
      const refresh = s.phone.request(method);
      expect(refresh.headers.get('Session-Expires')).toBe('90;refresher=uac');
      // It has to be asked again, with more.
      await s.say(s.phone.answer(refresh, 422, [['Min-SE', '120']]));
      const more = s.phone.request(method);
      expect([more.headers.get('Session-Expires'), more.headers.get('Min-SE')]).toEqual(['120;refresher=uac', '120']);
      await s.say(s.phone.answer(more, 200, [['Session-Expires', '120;refresher=uac']]));
      await s.pass(50_000);
      expect(session.state).toBe('confirmed');
      session.end('APPLICATION_GONE');
      expect(await s.left()).toEqual(nothing());
    }
  });
});
