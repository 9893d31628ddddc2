import { expect, test } from 'vitest';
import { Session } from './session.ts';
import { nothing, withPhone } from './testing/stage.ts';

test('a SUBSCRIBE is accepted, notified, and told when its time is over', async () => {
  const s = await withPhone();
  await s.say(
    s.phone.make('SUBSCRIBE', [
      ['Event', 'presence'],
      ['Expires', '60'],
    ]),
  );
  s.us.respond('SUBSCRIBE', 200);
  await s.pass();
  expect(s.phone.response(200).headers.get('Expires')).toBe('60');
  s.us.within(s.us.last('SUBSCRIBE').session!, 'NOTIFY', [['Subscription-State', 'active;expires=60']]);
  await s.pass();
  await s.say(s.phone.answer(s.phone.request('NOTIFY'), 200));
  await s.pass(61_000);
  expect(s.phone.request('NOTIFY').headers.get('Subscription-State')).toBe('terminated;reason=timeout');
  expect(s.us.told()).toEqual(['SUBSCRIBE', '200', 'over']);
  expect(await s.left()).toEqual(nothing());
});

test('an INVITE in the dialog of a subscription is declined, and leaves nothing but the subscription', async () => {
  const s = await withPhone();
  await s.say(s.phone.make('SUBSCRIBE', [['Event', 'presence']]));
  s.us.respond('SUBSCRIBE', 200);
  await s.pass();
  await s.say(s.phone.within(s.phone.response(200), 'INVITE'));
  expect([s.phone.take(), s.us.told()]).toEqual([['200', '603'], ['SUBSCRIBE']]);
  s.us.last('SUBSCRIBE').session?.end('APPLICATION_GONE');
  expect(await s.left()).toEqual(nothing());
});

test('a SUBSCRIBE for longer than is usual is granted what is usual, where the application does not say', async () => {
  const s = await withPhone();
  for (const [asked, granted] of [
    ['4294967295', '3600'],
    ['soon', '3600'],
    ['0', '0'],
  ] as const) {
    await s.say(
      s.phone.make('SUBSCRIBE', [
        ['Event', 'presence'],
        ['Expires', asked],
      ]),
    );
    s.us.respond('SUBSCRIBE', 200);
    await s.pass();
    expect(s.phone.response(200).headers.get('Expires')).toBe(granted);
    s.us.last('SUBSCRIBE').session?.end('APPLICATION_GONE');
  }
  expect(await s.left()).toEqual(nothing());
});

test('a SUBSCRIBE that is refused leaves nothing', async () => {
  const s = await withPhone();
  await s.say(s.phone.make('SUBSCRIBE', [['Event', 'presence']]));
  s.us.respond('SUBSCRIBE', 403);
  await s.pass();
  expect([s.phone.take(), s.us.told()]).toEqual([['403'], ['SUBSCRIBE', 'over']]);
  expect(await s.left()).toEqual(nothing());
});

test('a REFER of ours hears its NOTIFYs, though the first one comes before the answer, until the last', async () => {
  const s = await withPhone();
  const made = s.us.request('REFER', 'sip:phone@192.0.2.9', [['Refer-To', '<sip:other@x.example>']]);
  await s.pass();
  const accepted = s.phone.answer(s.phone.request('REFER'), 202);
  const notify = (state: string) =>
    s.phone.within(accepted, 'NOTIFY', [
      ['Event', 'refer'],
      ['Subscription-State', state],
    ]);
  await s.say(notify('active;expires=60'));
  s.us.respond('NOTIFY', 200);
  await s.say(accepted);
  expect(made instanceof Session && made.state).toBe('confirmed');
  await s.say(notify('terminated;reason=noresource'));
  s.us.respond('NOTIFY', 200);
  await s.pass();
  expect(s.us.told()).toEqual(['NOTIFY', '202', 'NOTIFY', 'over']);
  await s.say(notify('active'));
  expect(s.phone.take()).toEqual(['REFER', '200', '200', '481']);
  expect(await s.left()).toEqual(nothing());
});

test('a REFER of ours that is never notified is over after 64 times T1', async () => {
  const s = await withPhone();
  s.us.request('REFER', 'sip:phone@192.0.2.9', [['Refer-To', '<sip:other@x.example>']]);
  await s.pass();
  await s.say(s.phone.answer(s.phone.request('REFER'), 202));
  await s.pass(33_000);
  expect(s.us.told()).toEqual(['202', 'over']);
  expect(await s.left()).toEqual(nothing());
});
