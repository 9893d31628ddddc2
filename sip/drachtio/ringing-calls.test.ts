import { expect, onTestFinished, test } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { openFacade } from '../agent/facade/testing/open-facade.ts';
import { toTagOf } from '../agent/facade/testing/udp-peer.ts';
import type { IncomingCall } from './incoming-call.ts';
import { SipCalls } from './sip-calls.ts';

// What comes of a caller before its call is answered.

const sdp = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n';

async function ring() {
  const opened = await openFacade();
  const { port, secret, clock } = opened;
  const incoming: IncomingCall[] = [];
  const calls = await SipCalls.connect({
    host: '127.0.0.1',
    port,
    secret,
    clock,
    onListenerError: (error) => {
      throw error;
    },
    handlers: { call: (call) => void incoming.push(call) },
  });
  onTestFinished(() => calls.close());
  const peer = await opened.peer();
  peer.request('INVITE', { call: 'early', body: sdp, more: ['Content-Type: application/sdp'] });
  const call = await eventually(() => incoming[0], 'the call to ring');
  const reasons: string[] = [];
  call.events.on('canceled', ({ reason }) => reasons.push(reason));
  await call.ring();
  const toTag = toTagOf(await peer.next('SIP/2.0 180'));
  return { ...opened, calls, call, peer, toTag, reasons };
}

test('a BYE of who rings is answered 200, its INVITE 487, and the application is told', async () => {
  const { peer, toTag, call, reasons, nothingLeft } = await ring();
  peer.request('BYE', { call: 'early', cseq: 2, toTag, more: ['Reason: SIP ;cause=200 ;text="changed my mind"'] });
  await peer.next('SIP/2.0 200');
  await peer.next('SIP/2.0 487');
  peer.request('ACK', { call: 'early', toTag });
  expect(reasons).toEqual(['changed my mind']);
  expect(call.canceled).toBe(true);
  await expect(call.accept({ sdp })).rejects.toMatchObject({ reason: 'CANCELED' });
  await nothingLeft();
});

test('a BYE that crosses the acceptance is answered 200, and whoever accepts is told that the call is gone', async () => {
  const { peer, toTag, call, nothingLeft, calls } = await ring();
  peer.request('BYE', { call: 'early', cseq: 2, toTag });
  // The agent has it, the application does not know yet.
  await peer.next('SIP/2.0 487');
  const accepted = call.accept({ sdp }).catch((error: unknown) => error);
  await peer.next('SIP/2.0 200');
  peer.request('ACK', { call: 'early', toTag });
  expect(await accepted).toMatchObject({ reason: 'CANCELED' });
  expect(calls.stats).toEqual({ calls: 0, waiting: 0 });
  await nothingLeft();
});

test.each([
  ['OPTIONS', '200'],
  ['INFO', '500'],
  ['MESSAGE', '500'],
])('%s of who rings gets %s, which leaves the call as it is', async (method, status) => {
  const { peer, toTag, call, nothingLeft } = await ring();
  peer.request(method, { call: 'early', cseq: 2, toTag });
  await peer.next(`SIP/2.0 ${status}`);
  expect(call.canceled).toBe(false);
  await call.reject(486);
  await peer.next('SIP/2.0 486');
  peer.request('ACK', { call: 'early', toTag });
  await nothingLeft();
});

test('a connection to the agent that is lost is told to who lets it ring', async () => {
  const { call, calls, reasons } = await ring();
  await calls.close();
  expect(reasons).toEqual(['the connection to the agent was lost']);
  expect(call.canceled).toBe(true);
});
