import { once } from 'node:events';
import { describe, expect, test } from 'vitest';
import { requireOrSkip } from '../../test/support/require.ts';
import { ended, sdp, two, type Untyped, wanted } from './testing/two-srfs.ts';

// Whatever the way is that messages take, an application sees the same.

const ways = [['UDP'], ['TCP'], ...(requireOrSkip('openssl') ? [['TLS'] as const] : [])] as const;

describe.each(ways)('over %s', (protocol) => {
  test('createUAC and createUAS make a call, which re-INVITE, UPDATE, INFO and REFER pass through', async () => {
    const { call, nothingLeft } = await two([protocol]);
    const { here, there } = await call();
    there.on('modify', (_req: Untyped, res: Untyped) => res.send(200, { body: sdp(5002) }));
    expect(await here.modify(sdp(4002))).toBe(sdp(5002));
    there.on('refer', (_req: Untyped, res: Untyped) => res.send(202));
    for (const method of ['UPDATE', 'INFO', 'MESSAGE'])
      there.on(method.toLowerCase(), (_req: Untyped, res: Untyped) => res.send(200));
    for (const method of ['UPDATE', 'INFO', 'MESSAGE', 'REFER']) {
      const headers = method === 'REFER' ? { 'Refer-To': '<sip:carol@example.org>' } : {};
      const answer = await here.request({ method, headers });
      expect([method, answer.status]).toEqual([method, method === 'REFER' ? 202 : 200]);
    }
    await there.request({ method: 'NOTIFY', headers: { Event: 'refer', 'Subscription-State': 'terminated' } });
    const over = ended(here);
    await there.destroy();
    await over;
    await nothingLeft();
  });

  test('createB2BUA relays a call that rings, is accepted and ends', async () => {
    const { srf, toBen, toAnn, nothingLeft } = await two([protocol]);
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
    const progress: number[] = [];
    const first = await srf.ann.createUAC(
      toBen('relay'),
      { localSdp: sdp(4000) },
      { cbProvisional: (res: Untyped) => progress.push(res.status) },
    );
    expect(progress).toEqual([180]);
    const { uas, uac } = await legs;
    uac.on('destroy', () => uas.destroy());
    const over = ended(first);
    await (await last).destroy();
    await over;
    await nothingLeft();
  });

  test('createB2BUA hands on a refusal', async () => {
    const { srf, toBen, toAnn, nothingLeft } = await two([protocol]);
    const relayed = new Promise<Untyped>((resolve) => {
      srf.ben.invite((req: Untyped, res: Untyped) =>
        resolve(srf.ben.createB2BUA(req, res, toAnn('last')).catch((error: Untyped) => error.status)),
      );
    });
    srf.ann.invite((_req: Untyped, res: Untyped) => res.send(603));
    await Promise.all([wanted(srf.ann), wanted(srf.ben)]);
    const status = await srf.ann.createUAC(toBen(), { localSdp: sdp(4000) }).catch((error: Untyped) => error.status);
    expect([status, await relayed]).toEqual([603, 603]);
    await nothingLeft();
  });

  test('a call that rings is taken back', async () => {
    const { srf, toBen, nothingLeft } = await two([protocol]);
    const taken = new Promise<void>((resolve) => {
      srf.ben.invite((req: Untyped, res: Untyped) => {
        req.on('cancel', () => resolve());
        res.send(180);
      });
    });
    await wanted(srf.ben);
    let sent: Untyped;
    const keep = (_error: unknown, req: Untyped) => {
      sent = req;
    };
    const placed = srf.ann
      .createUAC(toBen(), { localSdp: sdp(4000) }, { cbRequest: keep, cbProvisional: () => sent.cancel() })
      .catch((error: Untyped) => error.status);
    expect(await placed).toBe(487);
    await taken;
    await nothingLeft();
  });

  test('a reliable provisional answer gets its PRACK', async () => {
    const { srf, toBen, nothingLeft } = await two([protocol]);
    const there = new Promise<Untyped>((resolve) => {
      srf.ben.invite((req: Untyped, res: Untyped) => {
        const options = { headers: { Require: '100rel' }, body: sdp(5000) };
        res.send(183, undefined, options, undefined, () =>
          resolve(srf.ben.createUAS(req, res, { localSdp: sdp(5000) })),
        );
      });
    });
    await wanted(srf.ben);
    const here = await srf.ann.createUAC(toBen(), { localSdp: sdp(4000), headers: { Supported: '100rel' } });
    const over = ended(await there);
    await here.destroy();
    await over;
    await nothingLeft();
  });

  test('REGISTER and its challenge go to and fro', async () => {
    const { srf, toBen, nothingLeft } = await two([protocol]);
    srf.ben.register((req: Untyped, res: Untyped) => {
      if (req.has('Authorization')) res.send(200, { headers: { Contact: `${req.get('Contact')};expires=60` } });
      else res.send(401, { headers: { 'WWW-Authenticate': 'Digest realm="a", nonce="1", algorithm=MD5, qop="auth"' } });
    });
    await wanted(srf.ben);
    const auth = { username: 'ann', password: 'secret' };
    const headers = { Contact: '<sip:ann@localhost>' };
    const req = await srf.ann.request(toBen(), { method: 'REGISTER', headers, auth });
    const [again] = await once(req, 'authenticate');
    const [res] = await once(again, 'response');
    expect(res.status).toBe(200);
    await nothingLeft();
  });

  test('whom nobody can reach is a failure with a status', async () => {
    const { srf, nothingLeft } = await two([protocol]);
    // Nobody can be asked over UDP by broadcast, or at a port of TCP where nobody listens.
    const to = protocol === 'UDP' ? '255.255.255.255:5999' : `127.0.0.1:1;transport=${protocol.toLowerCase()}`;
    const status = await srf.ann
      .createUAC(`sip:x@${to}`, { localSdp: sdp(4000) })
      .catch((error: Untyped) => error.status);
    expect(status).toBe(503);
    await nothingLeft();
  });
});
