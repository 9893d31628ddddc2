import { expect, test } from 'vitest';
import { openFacade } from './testing/open-facade.ts';
import { dialogOf, type RawApp, transactionOf } from './testing/raw-app.ts';
import { toTagOf } from './testing/udp-peer.ts';

const recordsOf = ({ frames }: RawApp) =>
  frames.map((frame) => frame.split('|')).filter(([, kind]) => kind?.startsWith('cdr:'));

/** It says what it wants records of, and nothing waits before it. */
async function recorder(opened: Awaited<ReturnType<typeof openFacade>>, ...verbs: string[]) {
  return opened.app('cdr:attempt', 'cdr:start', 'cdr:stop', ...verbs);
}

test.each([
  ['SUBSCRIBE', ['Event: presence', 'Expires: 60'], '200 OK'],
  ['SUBSCRIBE', ['Event: presence', 'Expires: 60'], '489 Bad Event'],
  ['REFER', ['Refer-To: <sip:ann@127.0.0.1>'], '202 Accepted'],
  ['REFER', ['Refer-To: <sip:ann@127.0.0.1>'], '603 Decline'],
] as const)('of a %s that comes (%s) and gets %s no record is made', async (method, more, status) => {
  const opened = await openFacade();
  const [app, peer] = [await recorder(opened, method.toLowerCase()), await opened.peer()];
  peer.request(method, { call: 'event', more: [...more] });
  const asked = await app.next(`${method} sip:parley`);
  await app.ask(`sip|${transactionOf(asked)}|\r\nSIP/2.0 ${status}\r\n\r\n`);
  const toTag = toTagOf(await peer.next(`SIP/2.0 ${status}`));
  if (status.startsWith('2')) {
    // A BYE in a dialog that is no call.
    peer.request('BYE', { call: 'event', cseq: 2, toTag });
    const bye = await app.next('BYE sip:');
    await app.ask(`sip|${transactionOf(bye)}|\r\nSIP/2.0 481 None\r\n\r\n`);
    await peer.next('SIP/2.0 481');
    void app.ask(`sip||${dialogOf(bye)}\r\nNOTIFY sip:placeholder SIP/2.0\r\nSubscription-State: terminated\r\n\r\n`);
    peer.answer(await peer.next('NOTIFY '), '200 OK');
    await app.next('SIP/2.0 200');
  }
  expect(recordsOf(app)).toEqual([]);
  await opened.nothingLeft();
});

test('of a REFER and a SUBSCRIBE of the application no record is made', async () => {
  const opened = await openFacade();
  const [app, peer] = [await recorder(opened), await opened.peer()];
  for (const method of ['SUBSCRIBE', 'REFER']) {
    void app.ask(`sip||\r\n${method} sip:x@127.0.0.1:${peer.port} SIP/2.0\r\nRefer-To: <sip:y@z>\r\nEvent: x\r\n\r\n`);
    peer.answer(await peer.next(`${method} `), '603 Decline');
    await app.next('SIP/2.0 603');
  }
  expect(recordsOf(app)).toEqual([]);
  await opened.nothingLeft();
});

test('an INVITE that nobody answers has its records all the same', async () => {
  const opened = await openFacade();
  const [app, peer] = [await recorder(opened, 'invite'), await opened.peer()];
  peer.request('INVITE', { call: 'silent' });
  await app.next('INVITE sip:parley');
  opened.clock.advance(64_001);
  await peer.next('SIP/2.0 504');
  peer.request('ACK', { call: 'silent' });
  await app.next('cdr:stop');
  expect(recordsOf(app).map(([, kind, source]) => `${kind} ${source}`)).toEqual([
    'cdr:attempt network',
    'cdr:stop application',
  ]);
  await opened.nothingLeft();
});
