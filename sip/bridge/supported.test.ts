import { expect, test } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { fieldOf, UdpPeer } from '../agent/facade/testing/udp-peer.ts';
import { openBridge } from './testing/bridge-stage.ts';
import { memorySdp } from './testing/memory-phone-media.ts';
import { openRinging } from './testing/ring-stage.ts';

test('a phone that calls is told that its call can be transferred to another one of its own', async () => {
  const plan = 'realm: test\nguests: true\nrules: [{ name: room, when: { called: parley }, room: lobby }]';
  const { port, nothingLeft } = await openBridge(plan);
  const phone = await UdpPeer.open(port);
  const body = memorySdp(4_000);
  phone.request('INVITE', { call: 'one', more: ['Content-Type: application/sdp'], body });
  const ok = await phone.next('SIP/2.0 200');
  expect(fieldOf(ok, 'Supported')).toBe('timer, replaces');
  expect(fieldOf(ok, 'Allow')).toMatch(/\bREFER\b/);
  const toTag = /;tag=([^;\s]+)/.exec(fieldOf(ok, 'To'))?.[1] ?? '';
  phone.request('ACK', { call: 'one', toTag });
  phone.request('BYE', { call: 'one', cseq: 2, toTag });
  await phone.next('SIP/2.0 200');
  await nothingLeft();
});

test('so is a phone that is called', async () => {
  const { register, phone, ring, nothingLeft } = await openRinging();
  const called = await phone('ben', (call) => void call.reject(486));
  register('ben', called.uri);
  ring({ user: 'ben' });
  await eventually(() => called.incoming.length > 0, 'that it rings');
  expect(called.incoming[0]?.headers.all('Supported')).toContain('replaces');
  await nothingLeft();
});
