import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { ended, sdp, two, type Untyped, wanted } from './testing/two-srfs.ts';

// Applications as they are written for drachtio, on drachtio-srf as it is: two agents call each other over UDP.

describe('a call', () => {
  test('is made, accepted and ended by who made it', async () => {
    const { call, nothingLeft } = await two();
    const { here, there } = await call();
    expect(here.remote.sdp).toBe(sdp(5000));
    expect(there.remote.sdp).toBe(sdp(4000));
    const over = ended(there);
    await here.destroy();
    await over;
    await nothingLeft();
  });

  test('is ended by who accepted it', async () => {
    const { call, nothingLeft } = await two();
    const { here, there } = await call();
    const over = ended(here);
    await there.destroy();
    await over;
    await nothingLeft();
  });

  test('is refused with what the other side says', async () => {
    const { srf, toBen, nothingLeft } = await two();
    srf.ben.invite((_req: Untyped, res: Untyped) => res.send(486, { headers: { 'X-Why': 'busy' } }));
    await wanted(srf.ben);
    const refused = await srf.ann.createUAC(toBen(), { localSdp: sdp(4000) }).catch((error: Untyped) => error);
    expect([refused.status, refused.res.get('X-Why')]).toEqual([486, 'busy']);
    await nothingLeft();
  });

  test('is relayed by createB2BUA, and ended on both legs', async () => {
    const { srf, toBen, toAnn, nothingLeft } = await two();
    const legs = new Promise<Untyped>((resolve) => {
      srf.ben.invite((req: Untyped, res: Untyped) => resolve(srf.ben.createB2BUA(req, res, toAnn('last'))));
    });
    const last = new Promise<Untyped>((resolve) => {
      srf.ann.invite((req: Untyped, res: Untyped) => {
        res.send(180);
        resolve(srf.ann.createUAS(req, res, { localSdp: sdp(6000) }));
      });
    });
    await Promise.all([wanted(srf.ann), wanted(srf.ben)]);
    const first = await srf.ann.createUAC(toBen('relay'), { localSdp: sdp(4000) });
    const { uas, uac } = await legs;
    expect(first.remote.sdp).toBe(sdp(6000));
    uas.on('destroy', () => uac.destroy());
    const over = ended(await last);
    await first.destroy();
    await over;
    await nothingLeft();
  });

  test('is taken back through createB2BUA, of which both legs end', async () => {
    const { srf, toBen, toAnn, nothingLeft } = await two();
    const relayed = new Promise<Untyped>((resolve) => {
      srf.ben.invite((req: Untyped, res: Untyped) =>
        resolve(srf.ben.createB2BUA(req, res, toAnn('last')).catch((error: Untyped) => error)),
      );
    });
    const taken = new Promise<void>((resolve) => {
      srf.ann.invite((req: Untyped, res: Untyped) => {
        req.on('cancel', () => resolve());
        res.send(180);
      });
    });
    await Promise.all([wanted(srf.ann), wanted(srf.ben)]);
    let sent: Untyped;
    const placed = srf.ann
      .createUAC(
        toBen('relay'),
        { localSdp: sdp(4000) },
        {
          cbRequest: (_error: unknown, req: Untyped) => {
            sent = req;
          },
          cbProvisional: () => sent.cancel(),
        },
      )
      .catch((error: Untyped) => error);
    expect((await placed).status).toBe(487);
    await taken;
    expect((await relayed).status).toBe(487);
    await nothingLeft();
  });
});

describe('a call is taken back', () => {
  test.each(['at once', 'as it rings'])('%s', async (when) => {
    const { srf, toBen, nothingLeft } = await two();
    let canceled = 0;
    srf.ben.invite((req: Untyped, res: Untyped) => {
      req.on('cancel', () => {
        canceled += 1;
      });
      if (when === 'as it rings') res.send(180);
    });
    await wanted(srf.ben);
    let sent: Untyped;
    const placed = srf.ann
      .createUAC(
        toBen(),
        { localSdp: sdp(4000) },
        {
          cbRequest: (_error: unknown, req: Untyped) => {
            sent = req;
            if (when === 'at once') req.cancel();
          },
          cbProvisional: () => sent.cancel(),
        },
      )
      .catch((error: Untyped) => error);
    expect((await placed).status).toBe(487);
    await eventually(() => canceled === 1, 'the other side to be told');
    await nothingLeft();
  });

  test('as it is accepted, and ends all the same', async () => {
    const { srf, toBen, nothingLeft } = await two();
    srf.ben.invite((req: Untyped, res: Untyped) => {
      void srf.ben.createUAS(req, res, { localSdp: sdp(5000) }).catch(() => {});
    });
    await wanted(srf.ben);
    const outcome = await srf.ann
      .createUAC(
        toBen(),
        { localSdp: sdp(4000) },
        { cbRequest: (_error: unknown, req: Untyped) => setImmediate(() => req.cancel()) },
      )
      .catch((error: Untyped) => error);
    if (outcome.destroy) await outcome.destroy();
    else expect(outcome.status).toBe(487);
    await nothingLeft();
  });
});

describe('within a call', () => {
  test('re-INVITE, hold, UPDATE, INFO, MESSAGE and OPTIONS get through both ways', async () => {
    const { call, nothingLeft } = await two();
    const { here, there } = await call();
    there.on('modify', (_req: Untyped, res: Untyped) => res.send(200, { body: sdp(5002) }));
    expect(await here.modify(sdp(4002))).toBe(sdp(5002));
    const held = new Promise((resolve) => there.on('hold', resolve));
    await here.modify(sdp(4002, 'sendonly'));
    await held;
    for (const [from, to] of [
      [here, there],
      [there, here],
    ]) {
      for (const method of ['UPDATE', 'INFO', 'MESSAGE', 'OPTIONS']) {
        to.once(method.toLowerCase(), (_req: Untyped, res: Untyped) => res.send(200, { headers: { 'X-Was': method } }));
        const answer = await from.request({ method, headers: { 'Content-Type': 'text/plain' }, body: 'text' });
        expect([answer.status, answer.get('X-Was')]).toEqual([200, method]);
      }
    }
    await here.destroy();
    await nothingLeft();
  });

  test('REFER is taken, and NOTIFY tells how it goes on', async () => {
    const { call, nothingLeft } = await two();
    const { here, there } = await call();
    there.on('refer', (_req: Untyped, res: Untyped) => res.send(202));
    const notified = new Promise<string>((resolve) => {
      here.on('notify', (req: Untyped, res: Untyped) => {
        res.send(200);
        resolve(req.body);
      });
    });
    const answer = await here.request({ method: 'REFER', headers: { 'Refer-To': '<sip:carol@example.org>' } });
    expect(answer.status).toBe(202);
    await there.request({
      method: 'NOTIFY',
      headers: {
        Event: 'refer',
        'Subscription-State': 'terminated;reason=noresource',
        'Content-Type': 'message/sipfrag',
      },
      body: 'SIP/2.0 200 OK\r\n',
    });
    expect(await notified).toBe('SIP/2.0 200 OK\r\n');
    await here.destroy();
    await nothingLeft();
  });

  test('a reliable provisional answer gets its PRACK', async () => {
    const { srf, toBen, nothingLeft } = await two();
    const there = new Promise<Untyped>((resolve) => {
      srf.ben.invite((req: Untyped, res: Untyped) => {
        const options = { headers: { Require: '100rel' }, body: sdp(5000) };
        res.send(183, undefined, options, undefined, (prack: Untyped) => {
          expect(prack.method).toBe('PRACK');
          resolve(srf.ben.createUAS(req, res, { localSdp: sdp(5000) }));
        });
      });
    });
    await wanted(srf.ben);
    const here = await srf.ann.createUAC(toBen(), { localSdp: sdp(4000), headers: { Supported: '100rel' } });
    const over = ended(await there);
    await here.destroy();
    await over;
    await nothingLeft();
  });
});

describe('outside of calls', () => {
  test.each(['OPTIONS', 'MESSAGE', 'REGISTER'])('%s is answered', async (method) => {
    const { srf, toBen, nothingLeft } = await two();
    srf.ben[method.toLowerCase()]((_req: Untyped, res: Untyped) => res.send(200, { headers: { 'X-Was': method } }));
    await wanted(srf.ben);
    const req = await srf.ann.request(toBen(), { method });
    const [res] = await once(req, 'response');
    expect([res.status, res.get('X-Was')]).toEqual([200, method]);
    await nothingLeft();
  });

  test('a challenge is answered by drachtio-srf with the same Call-ID and the next CSeq', async () => {
    const { srf, toBen, nothingLeft } = await two();
    const asked: string[] = [];
    srf.ben.register((req: Untyped, res: Untyped) => {
      asked.push(`${req.get('Call-ID')} ${Number.parseInt(req.get('CSeq'), 10) - asked.length}`);
      const challenge = 'Digest realm="example.org", nonce="once", algorithm=MD5, qop="auth"';
      if (req.has('Authorization')) res.send(200);
      else res.send(401, { headers: { 'WWW-Authenticate': challenge } });
    });
    await wanted(srf.ben);
    const auth = { username: 'ann', password: 'secret' };
    const req = await srf.ann.request(toBen(), { method: 'REGISTER', auth });
    const again = await once(req, 'authenticate');
    const [res] = await once(again[0], 'response');
    expect(res.status).toBe(200);
    expect(asked[0]).toBe(asked[1]);
    await nothingLeft();
  });

  test('nobody who answers is 408, nobody who listens 503, and no way 416', async () => {
    const { srf, ann, nothingLeft } = await two();
    const silent = await ann.peer();
    const place = (uri: string) =>
      srf.ann.createUAC(uri, { localSdp: sdp(4000) }).catch((error: Untyped) => error.status);
    const placed = place(`sip:x@127.0.0.1:${silent.port}`);
    await silent.next('INVITE ');
    ann.clock.advance(32_001);
    expect(await placed).toBe(408);
    expect(await place('sip:x@127.0.0.1:1;transport=tcp')).toBe(503);
    expect(await place('sip:x@127.0.0.1;transport=tls')).toBe(416);
    await nothingLeft();
  });

  test('proxyRequest is refused with a reason, and the application can still answer', async () => {
    const { srf, toBen, toAnn, nothingLeft } = await two();
    let why: unknown;
    srf.ben.invite(async (req: Untyped, res: Untyped) => {
      why = await srf.ben.proxyRequest(req, toAnn()).catch((error: unknown) => error);
      res.send(501);
    });
    await wanted(srf.ben);
    const status = await srf.ann.createUAC(toBen(), { localSdp: sdp(4000) }).catch((error: Untyped) => error.status);
    expect([status, why]).toEqual([501, 'proxy is not supported by the embedded agent']);
    await nothingLeft();
  });
});
