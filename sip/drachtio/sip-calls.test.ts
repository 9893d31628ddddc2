import { describe, expect, onTestFinished, test } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { hashUser } from '../agent/digest/algorithms.ts';
import { DigestServer } from '../agent/digest/digest-server.ts';
import { Nonces } from '../agent/digest/nonces.ts';
import { openFacade } from '../agent/facade/testing/open-facade.ts';
import type { Call } from './call.ts';
import type { IncomingCall } from './incoming-call.ts';
import { isHold } from './media-direction.ts';
import type { PlaceOptions } from './outgoing-call.ts';
import { SipCalls, type SipHandlers } from './sip-calls.ts';
import { SipFailure } from './sip-failure.ts';

const sdp = (port: number) =>
  `v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio ${port} RTP/AVP 0\r\n`;

async function open(handlers: SipHandlers = {}) {
  const facade = await openFacade(['UDP', 'TCP']);
  const { port, secret, clock } = facade;
  const onListenerError = (error: unknown) => {
    throw error;
  };
  const calls = await SipCalls.connect({ host: '127.0.0.1', port, secret, clock, onListenerError, handlers });
  onTestFinished(() => calls.close());
  const nothingLeft = async () => {
    await facade.nothingLeft();
    await eventually(() => calls.stats.calls === 0 && calls.stats.waiting === 0, 'no call to be left');
  };
  return { facade, calls, clock, nothingLeft, uri: `sip:x@127.0.0.1:${facade.portOf()}` };
}

/** Ann calls Ben, who decides. */
async function two(decide: (call: IncomingCall) => void = () => {}, handlers: SipHandlers = {}) {
  const ben = await open({ call: decide, ...handlers });
  const ann = await open();
  return {
    ann,
    ben,
    place: (options: Partial<PlaceOptions> = {}) => ann.calls.place({ uri: ben.uri, sdp: sdp(4000), ...options }),
    async nothingLeft() {
      await ann.nothingLeft();
      await ben.nothingLeft();
    },
  };
}

async function up(options: Partial<PlaceOptions> = {}) {
  let accepted: Promise<Call> | undefined;
  const opened = await two((call) => {
    accepted = call.accept({ sdp: sdp(5000) });
  });
  const here = await opened.place(options).answered;
  const there = await eventually(() => accepted, 'the call to be accepted');
  return { ...opened, here, there };
}

const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => 'nothing failed',
    (error: unknown) => (error instanceof SipFailure ? `${error.reason} ${error.status}` : error),
  );

describe('a call', () => {
  test.each(['here', 'there'] as const)('is ended by %s, and the other side is told', async (side) => {
    const call = await up();
    expect([call.here.remoteSdp, call.there.remoteSdp]).toEqual([sdp(5000), sdp(4000)]);
    await call[side].bye({ Reason: 'Q.850 ;cause=16 ;text="had enough"' });
    const other = side === 'here' ? call.there : call.here;
    expect(await other.ended).toEqual({ by: 'them', reason: 'had enough' });
    expect(await call[side].ended).toEqual({ by: 'us', reason: '' });
    expect(await failure(call[side].modify(sdp(1)))).toBe('CALL_ENDED 0');
    await call.nothingLeft();
  });

  test('is refused with the status of the other leg, or with that of its class', async () => {
    const statuses = [607, 486];
    const { place, nothingLeft } = await two((call) => void call.reject(statuses.shift() ?? 500));
    expect(await failure(place().answered)).toBe('REFUSED 600');
    expect(await failure(place().answered)).toBe('REFUSED 486');
    await nothingLeft();
  });

  test('rings, sends media early, and is refused', async () => {
    const { place, nothingLeft } = await two((call) => {
      void (async () => {
        await call.ring();
        await call.progress(183, { sdp: sdp(5000), reliable: true });
        await call.reject(486, { headers: { 'Retry-After': '5' } });
      })();
    });
    const placed = place({ headers: { Supported: '100rel' } });
    const progress: [number, string][] = [];
    placed.events.on('progress', ({ status, sdp: early }) => progress.push([status, early]));
    const error = await placed.answered.catch((thrown: SipFailure) => thrown);
    expect(error).toMatchObject({ reason: 'REFUSED', status: 486 });
    expect((error as SipFailure).headers?.get('Retry-After')).toBe('5');
    expect(progress).toEqual([
      [180, ''],
      [183, sdp(5000)],
    ]);
    await nothingLeft();
  });

  test.each(['at once', 'as it rings', 'as it is accepted'])('is taken back %s', async (when) => {
    const incoming: IncomingCall[] = [];
    const { place, nothingLeft, ben } = await two((call) => {
      incoming.push(call);
      if (when === 'as it rings') void call.ring();
      if (when === 'as it is accepted') void call.accept({ sdp: sdp(5000) }).catch(() => {});
    });
    const placed = place();
    if (when === 'as it rings') await new Promise((resolve) => placed.events.on('progress', resolve));
    if (when === 'as it is accepted') await eventually(() => incoming[0], 'the call to come');
    await placed.cancel({ Reason: 'SIP ;cause=200 ;text="answered elsewhere"' });
    expect(await failure(placed.answered)).toMatch(when === 'as it is accepted' ? /CANCELED|nothing/ : /CANCELED 487/);
    if (when === 'as it rings') {
      await eventually(() => incoming[0]?.canceled, 'the other side to be told');
      expect(await failure(incoming[0]!.accept({ sdp: '' }))).toBe('CANCELED 0');
      await incoming[0]!.reject(487);
    }
    await eventually(() => ben.calls.stats.calls === 0, 'the call to be over');
    await nothingLeft();
  });

  test('without an offer is answered by who placed it', async () => {
    const offers: string[] = [];
    const { here, there, nothingLeft } = await up({
      sdp: undefined as never,
      answer: async (offer) => {
        offers.push(offer);
        return sdp(4000);
      },
    });
    expect([offers, here.localSdp]).toEqual([[sdp(5000)], sdp(4000)]);
    await here.bye();
    await there.ended;
    await nothingLeft();
  });
});

describe('a session', () => {
  test('is modified one offer after the other, and one that is refused does not hold up the next', async () => {
    const { here, there, nothingLeft } = await up();
    const offers: (string | undefined)[] = [];
    there.serve({
      offer: (offer) => {
        offers.push(offer);
        if (offers.length === 1) throw new SipFailure('REFUSED', 'no', { status: 488, headers: undefined as never });
        return sdp(5000 + offers.length);
      },
    });
    const outcomes = [here.modify(sdp(4001)), here.modify(sdp(4002)), here.modify(sdp(4003))].map((modified) =>
      modified.catch((error: SipFailure) => error.status),
    );
    expect(await Promise.all(outcomes)).toEqual([488, sdp(5002), sdp(5003)]);
    expect(offers).toEqual([sdp(4001), sdp(4002), sdp(4003)]);
    expect([here.localSdp, there.remoteSdp]).toEqual([sdp(4003), sdp(4003)]);
    await here.bye();
    await nothingLeft();
  });

  test('that is refused with a status that nobody knows is refused with that of its class', async () => {
    const { here, there, nothingLeft } = await up();
    const statuses = [499, 607, 299, 700];
    there.serve({
      offer: () => {
        throw new SipFailure('REFUSED', 'no', { status: statuses[0] ?? 0, headers: undefined as never });
      },
    });
    for (const status of [400, 600, 488, 488]) {
      expect(await failure(here.modify(sdp(4001)))).toBe(`REFUSED ${status}`);
      statuses.shift();
    }
    await here.bye();
    await nothingLeft();
  });

  test('is held and resumed, and who is held is told', async () => {
    const { here, there, nothingLeft } = await up();
    const held: boolean[] = [];
    there.events.on('held', (now) => held.push(now));
    expect(await here.hold()).toContain('a=recvonly');
    expect([there.held, isHold(here.localSdp)]).toEqual([true, true]);
    await here.resume();
    expect(held).toEqual([true, false]);
    await here.bye();
    await nothingLeft();
  });

  test('is asked for without an offer, which leaves what the other side said before', async () => {
    const { here, there, nothingLeft } = await up();
    let known = '';
    there.serve({
      offer: (offer) => {
        known = `${offer} ${there.remoteSdp}`;
        return sdp(5002);
      },
    });
    expect(await here.modify(() => sdp(4002))).toBe(sdp(5002));
    expect(known).toBe(`undefined ${sdp(4000)}`);
    await eventually(() => there.remoteSdp === sdp(4002), 'the answer in the ACK');
    await here.bye();
    await nothingLeft();
  });

  test('is offered by both at once, and both come through', async () => {
    const { here, there, ann, ben, nothingLeft } = await up();
    let settled = false;
    const both = Promise.all([here.modify(sdp(4002)), there.modify(sdp(5002))]).finally(() => {
      settled = true;
    });
    await eventually(() => {
      // Who was refused waits a while before it offers again.
      ann.clock.advance(100);
      ben.clock.advance(100);
      return settled;
    }, 'both to be agreed');
    await both;
    await here.bye();
    await nothingLeft();
  });
});

describe('within a call', () => {
  test('it is referred, and who referred is told how it goes on', async () => {
    const { here, there, nothingLeft } = await up();
    const notified = new Promise<string>((resolve) => here.events.on('notify', ({ body }) => resolve(body)));
    let asked = {};
    there.serve({
      refer: async (referral) => {
        asked = referral;
        await there.notifyReferrer(200, 'OK');
      },
    });
    expect((await here.refer('<sip:carol@example.org>', { 'Referred-By': '<sip:ann@example.org>' })).status).toBe(202);
    expect(await notified).toBe('SIP/2.0 200 OK\r\n');
    expect(asked).toEqual({ to: '<sip:carol@example.org>', by: '<sip:ann@example.org>' });
    there.serve({});
    expect(await failure(here.refer('<sip:carol@example.org>'))).toBe('REFUSED 603');
    await here.bye();
    await nothingLeft();
  });

  test('INFO and MESSAGE are events', async () => {
    const { here, there, nothingLeft } = await up();
    const told: string[] = [];
    for (const kind of ['info', 'message'] as const)
      there.events.on(kind, ({ headers, body }) => told.push(`${kind} ${headers.get('Content-Type')} ${body}`));
    await here.request('INFO', { headers: { 'Content-Type': 'application/dtmf-relay' }, body: 'Signal=5' });
    await here.request('MESSAGE', { headers: { 'Content-Type': 'text/plain' }, body: 'Grüße' });
    expect(told).toEqual(['info application/dtmf-relay Signal=5', 'message text/plain Grüße']);
    await here.bye();
    await nothingLeft();
  });
});

describe('outside of calls', () => {
  test('a challenge is answered with the strongest algorithm, in one Call-ID, once', async () => {
    const asked: string[] = [];
    let registrar: DigestServer | undefined;
    const { ann, ben, nothingLeft } = await two(undefined, {
      register: (request) => {
        const { method, uri, headers } = request;
        asked.push(headers.get('Call-ID') ?? '');
        const credentials = headers.all('Authorization');
        const body = new Uint8Array();
        void registrar
          ?.verify({ method, uri, body, credentials }, async (user, algorithm) =>
            hashUser(algorithm, user, 'example.org', 'secret'),
          )
          .then(({ outcome }) => {
            const challenge = registrar?.challenge()[1] ?? '';
            if (outcome === 'verified') {
              expect(credentials[0]).toContain('algorithm=SHA-256');
              request.answer(200, { headers: { Contact: `${headers.get('Contact')};expires=300` } });
            } else request.answer(401, { headers: { 'WWW-Authenticate': challenge } });
          });
      },
    });
    registrar = new DigestServer('example.org', new Nonces(ben.clock));
    const about = { registrar: ben.uri, address: 'sip:ann@example.org', contact: 'sip:ann@localhost' };
    const credentials = (password: string) => ({ user: 'ann', password });
    expect(await ann.calls.register({ ...about, credentials: credentials('secret') })).toBe(300);
    expect(new Set(asked).size).toBe(1);
    expect(asked).toHaveLength(2);
    expect(await failure(ann.calls.register({ ...about, credentials: credentials('wrong') }))).toBe('REFUSED 401');
    expect(asked).toHaveLength(4);
    await nothingLeft();
  });

  test.each([
    ['of its own phone, whatever others of the user have', '<sip:other@h>;expires=9, <sip:ann@h>;expires=70', '', 70],
    ['that ends first, of several that may be its own', '<sip:ann@h>;expires=70, <sip:ann@i>;expires=60', '', 60],
    ['of the whole answer, where the contact has none', '<sip:ann@h>', '80', 80],
    ['that it asked for, where nothing is said', '<sip:ann@h>', '', 100],
  ])('a registration lasts for the time %s', async (_which, contacts, all, seconds) => {
    const { ann, ben, nothingLeft } = await two(undefined, {
      register: (request) => {
        const headers: Record<string, string> = { Contact: contacts };
        if (all !== '') headers['Expires'] = all;
        request.answer(200, { headers });
      },
    });
    const about = { registrar: ben.uri, address: 'sip:ann@example.org', contact: 'sip:ann@localhost', expires: 100 };
    expect(await ann.calls.register(about)).toBe(seconds);
    await nothingLeft();
  });

  test('messages arrive, and what nobody wants is 503', async () => {
    const texts: string[] = [];
    const { ann, ben, nothingLeft } = await two(undefined, {
      message: (request) => {
        texts.push(request.body);
        request.answer(200);
      },
    });
    await ann.calls.message(ben.uri, 'Grüße 🙂');
    expect(texts).toEqual(['Grüße 🙂']);
    expect(await failure(ann.calls.request({ method: 'OPTIONS', uri: ben.uri }))).toBe('REFUSED 503');
    const nobody = ann.calls.request({ method: 'OPTIONS', uri: 'sip:127.0.0.1:9;transport=tcp' });
    await expect(nobody).rejects.toThrow('cannot be reached: nobody listens there');
    await nothingLeft();
  });
});

describe('the connection to the agent', () => {
  test('with a wrong secret is refused, and not tried again', async () => {
    const { port, clock, facade } = await openFacade();
    const options = { host: '127.0.0.1', port, secret: 'wrong', clock, onListenerError: () => {}, handlers: {} };
    expect(await failure(SipCalls.connect(options))).toBe('DISCONNECTED 0');
    expect(facade.stats.apps).toBe(0);
  });

  test('to where nobody listens is a failure', async () => {
    const { clock, secret } = await openFacade();
    const options = { host: '127.0.0.1', port: 1, secret, clock, onListenerError: () => {}, handlers: {} };
    expect(await failure(SipCalls.connect(options))).toBe('DISCONNECTED 0');
  });

  test('that is lost ends calls and what waits on this side, and on the other after the grace', async () => {
    const { here, there, ann, nothingLeft } = await up();
    await ann.calls.close();
    expect(await here.ended).toMatchObject({ by: 'lost' });
    expect(await failure(ann.calls.place({ uri: 'sip:x@127.0.0.1', sdp: sdp(1) }).answered)).toBe('DISCONNECTED 0');
    await eventually(() => ann.facade.facade.stats.apps === 0, 'the agent to notice');
    ann.clock.advance(5_001);
    expect(await there.ended).toMatchObject({ by: 'them', reason: 'Application gone' });
    await nothingLeft();
  });

  test('tells of what the agent ended by itself', async () => {
    const { here, there, ann } = await up();
    await ann.facade.close();
    expect(await here.ended).toMatchObject({ by: 'agent', reason: 'Shutting down' });
    expect(await there.ended).toMatchObject({ by: 'them', reason: 'Shutting down' });
  });
});
