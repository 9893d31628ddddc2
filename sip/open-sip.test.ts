import { expect, onTestFinished, test } from 'vitest';
import { FakeClock } from '../core/fake-clock.ts';
import { silentLogger } from '../core/log.ts';
import { eventually } from '../test/support/eventually.ts';
import { defenceOptions } from './agent/defence/defence-options.ts';
import { fieldOf, toTagOf, UdpPeer } from './agent/facade/testing/udp-peer.ts';
import type { Call } from './drachtio/call.ts';
import { type IncomingRequest, SipCalls } from './drachtio/sip-calls.ts';
import { openSip } from './open-sip.ts';

const sdp = 'v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 0\r\n';
const socket = { address: '127.0.0.1', port: 0, advertise: [], certFile: '', keyFile: '', caFile: '', origins: [] };

/** The agent as the server has it, an application that takes every call, and a phone. */
async function open({ isLeaving = (): boolean => false, callsAlone = false } = {}) {
  const clock = new FakeClock();
  const options = { listen: [{ protocol: 'UDP', ...socket }], defence: defenceOptions, trace: undefined } as const;
  const sip = await openSip({ ...options, drachtio: undefined }, { clock, log: silentLogger, product: '', isLeaving });
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= sip.close();
    return closing;
  };
  const { agent } = sip;
  if (agent === undefined) throw new Error('there is no agent');
  const taken: Promise<Call>[] = [];
  const accept = (request: IncomingRequest) => request.answer(200);
  const calls = await SipCalls.connect({
    ...sip.drachtio,
    clock,
    onListenerError: (error) => {
      throw error;
    },
    handlers: {
      call: (call) => void taken.push(call.accept({ sdp })),
      ...(!callsAlone && { options: accept, register: accept }),
    },
  });
  onTestFinished(async () => {
    await calls.close();
    await close();
  });
  const peer = await UdpPeer.open(agent.listening[0]?.port ?? 0);
  return {
    clock,
    agent,
    close,
    peer,
    async hold(): Promise<{ readonly call: Call; readonly toTag: string }> {
      peer.request('INVITE', { call: 'held', body: sdp, more: ['Content-Type: application/sdp'] });
      const toTag = toTagOf(await peer.next('SIP/2.0 200'));
      peer.request('ACK', { call: 'held', toTag });
      return { call: await eventually(() => taken[0], 'the call to be taken'), toTag };
    },
  };
}

test('draining with a held call refuses new work, lets the call speak, and waits until it ends', async () => {
  const { agent, peer, hold, clock } = await open();
  const { toTag } = await hold();
  let over = false;
  const drained = agent.drain(600_000).then(() => {
    over = true;
  });
  for (const method of ['OPTIONS', 'INVITE', 'REGISTER']) {
    peer.request(method, { call: `new-${method}` });
    const refused = await peer.next('SIP/2.0 503');
    expect([fieldOf(refused, 'Call-ID'), fieldOf(refused, 'Retry-After')]).toEqual([`new-${method}`, '60']);
  }
  peer.request('OPTIONS', { call: 'held', cseq: 2, toTag });
  expect(fieldOf(await peer.next('SIP/2.0 200'), 'Call-ID')).toBe('held');
  expect(over).toBe(false);
  peer.request('BYE', { call: 'held', cseq: 3, toTag });
  await peer.next('SIP/2.0 200');
  await eventually(() => {
    clock.advance(250);
    return over;
  }, 'the end of draining');
  await drained;
});

test('a call that is held longer than draining may take is ended with BYE, and its application is told', async () => {
  const { agent, peer, hold, clock, close } = await open();
  const { call } = await hold();
  await eventually(() => agent.stats().agent.messages.get('in ACK') === 1, 'the ACK');
  const drained = agent.drain(5_000);
  clock.advance(5_000);
  await drained;
  expect(call.up).toBe(true);
  const closed = close();
  const bye = await peer.next('BYE ');
  expect(fieldOf(bye, 'Reason')).toContain('Shutting down');
  expect(await call.ended).toMatchObject({ by: 'agent', reason: 'Shutting down' });
  await closed;
});

test('while the node sends everybody elsewhere, new calls are refused; when it takes them again, they are taken', async () => {
  let leaving = true;
  const { agent, peer, hold } = await open({ isLeaving: () => leaving });
  for (const method of ['OPTIONS', 'INVITE', 'REGISTER']) {
    peer.request(method, { call: `away-${method}` });
    const refused = await peer.next('SIP/2.0 503');
    expect([fieldOf(refused, 'Call-ID'), fieldOf(refused, 'Retry-After')]).toEqual([`away-${method}`, '60']);
  }
  peer.request('ACK', { call: 'away-INVITE' });
  const asked =
    'OPTIONS sip:x@y SIP/2.0\nVia: SIP/2.0/UDP h;branch=z9hG4bKx\nFrom: <sip:a@b>;tag=1\nTo: <sip:a@b>\nCall-ID: x\nCSeq: 1 OPTIONS\nMax-Forwards: 70\n';
  const stopping = () => agent.explain(Buffer.from(asked)).steps.find(({ stops }) => stops);
  expect(stopping()).toMatchObject({ rule: 'draining', answer: 503 });
  leaving = false;
  const { toTag } = await hold();
  leaving = true;
  peer.request('OPTIONS', { call: 'held', cseq: 2, toTag });
  expect(fieldOf(await peer.next('SIP/2.0 200'), 'Call-ID')).toBe('held');
  expect(stopping()).toMatchObject({ rule: 'draining' });
});

test('an application that takes calls alone does not have a trunk think that nobody is here', async () => {
  const { agent, peer } = await open({ callsAlone: true });
  peer.request('OPTIONS', { call: 'ping' });
  expect(fieldOf(await peer.next('SIP/2.0 200'), 'Allow')).toContain('INVITE');
  peer.request('REGISTER', { call: 'phone' });
  expect(fieldOf(await peer.next('SIP/2.0 503'), 'Call-ID')).toBe('phone');
  const saysOf = (method: string) => {
    const asked = `${method} sip:x@y SIP/2.0\nVia: SIP/2.0/UDP h;branch=z9hG4bKx\nFrom: <sip:a@b>;tag=1\nTo: <sip:a@b>\nCall-ID: x\nCSeq: 1 ${method}\nMax-Forwards: 70\nContact: <sip:a@h>\n`;
    return agent.explain(Buffer.from(asked)).steps.at(-1)?.because;
  };
  expect(saysOf('INVITE')).toBe('applications for INVITE: 1, one of which decides');
  expect(saysOf('REGISTER')).toBe('no application takes REGISTER (1 connected)');
  expect(saysOf('OPTIONS')).toBe('no application takes OPTIONS: the agent answers 200');
});

test('a drachtio-server elsewhere is handed on, with who signs its certificate where it is reached by TLS', async () => {
  const at = { host: 'sip.internal', port: 9022, secret: 'cymru' };
  const openAt = (caFile: string, tls: boolean) =>
    openSip(
      { listen: [], defence: defenceOptions, trace: undefined, drachtio: { ...at, tls, caFile } },
      { clock: new FakeClock(), log: silentLogger, product: '' },
    );
  expect((await openAt('', false)).drachtio).toEqual(at);
  expect((await openAt('', true)).drachtio).toEqual({ ...at, tls: {} });
  const own = new URL(import.meta.url).pathname;
  expect((await openAt(own, true)).drachtio.tls?.ca).toContain('a drachtio-server elsewhere');
  await expect(openAt('/nowhere.pem', true)).rejects.toThrow('ENOENT');
});
