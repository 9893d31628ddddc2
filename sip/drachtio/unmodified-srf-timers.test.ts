import { describe, expect, test } from 'vitest';
import { eventually } from '../../test/support/eventually.ts';
import { fieldOf, toTagOf } from '../agent/facade/testing/udp-peer.ts';
import { ended, one, sdp, two, type Untyped, wanted } from './testing/two-srfs.ts';

// What drachtio-srf makes of time that runs out, and of offers before a call is accepted.

const typed = { more: ['Content-Type: application/sdp'], body: sdp(4000) };

async function withPeer() {
  const opened = await one(['UDP']);
  return { ...opened, peer: await opened.peer() };
}

describe('time runs out', () => {
  test('a call whose acceptance nobody acknowledges is ended, and the application is told why', async () => {
    const { srf, clock, peer, nothingLeft } = await withPeer();
    let up: Untyped;
    srf.invite((req: Untyped, res: Untyped) => {
      // The Dialog of drachtio-srf is there with the ACK only; what it says without one is what counts here.
      res.send(200, { headers: { 'Content-Type': 'application/sdp' }, body: sdp(5000) });
      up = req;
    });
    const reasons: string[] = [];
    srf.use('bye', (req: Untyped, res: Untyped) => {
      reasons.push(req.get('Reason'));
      res.send(200);
    });
    await wanted(srf);
    peer.request('INVITE', { call: 'unacknowledged', ...typed });
    await peer.next('SIP/2.0 200');
    expect(up).toBeDefined();
    for (let at = 0; at < 8; at += 1) clock.advance(4_001);
    const bye = await peer.next('BYE ');
    expect(fieldOf(bye, 'Reason')).toMatch(/ACK/i);
    peer.answer(bye, '200 OK');
    await eventually(() => reasons.length > 0, 'the application to be told');
    expect(reasons[0]).toBe(fieldOf(bye, 'Reason'));
    await nothingLeft();
  });

  test('a call that is not refreshed in time is ended, and both are told', async () => {
    const { srf, clock, agent, nothingLeft, peer } = await withPeer();
    const there = new Promise<Untyped>((resolve) => {
      srf.invite((req: Untyped, res: Untyped) => resolve(srf.createUAS(req, res, { localSdp: sdp(5000) })));
    });
    await wanted(srf);
    const more = [...typed.more, 'Supported: timer', 'Session-Expires: 90;refresher=uac'];
    peer.request('INVITE', { call: 'timed', body: typed.body, more });
    const accepted = await peer.next('SIP/2.0 200');
    expect(fieldOf(accepted, 'Session-Expires')).toBe('90;refresher=uac');
    peer.request('ACK', { call: 'timed', toTag: toTagOf(accepted) });
    await eventually(() => agent.stats.messages.get('in ACK') === 1, 'the ACK');
    const over = ended(await there);
    clock.advance(90_001);
    const bye = await peer.next('BYE ');
    expect(fieldOf(bye, 'Reason')).toMatch(/expired/i);
    peer.answer(bye, '200 OK');
    await over;
    await nothingLeft();
  });

  test('a reliable provisional answer without PRACK ends the INVITE with 504', async () => {
    const { srf, clock, nothingLeft, peer } = await withPeer();
    srf.invite((_req: Untyped, res: Untyped) => {
      res.send(183, undefined, { headers: { Require: '100rel' }, body: sdp(5000) }, undefined, () => {});
    });
    await wanted(srf);
    peer.request('INVITE', { call: 'unprackable', body: typed.body, more: [...typed.more, 'Supported: 100rel'] });
    await peer.next('SIP/2.0 183');
    for (let at = 0; at < 9; at += 1) clock.advance(4_001);
    await peer.next('SIP/2.0 504');
    peer.request('ACK', { call: 'unprackable' });
    await nothingLeft();
  });

  test('a request in a call that is never answered is 408, and the call is over', async () => {
    const { call, ann, ben, nothingLeft } = await two();
    const { here, there } = await call();
    there.on('info', () => {});
    const over = ended(here);
    const asked = here.request({ method: 'INFO' });
    await eventually(() => ben.agent.stats.messages.get('in INFO') === 1, 'the INFO to arrive');
    ann.clock.advance(32_001);
    expect((await asked).status).toBe(408);
    await over;
    // Its own silence is ended by the agent of the other side.
    ben.clock.advance(64_001);
    await nothingLeft();
  });
});

describe('before a call is accepted', () => {
  test('an UPDATE of the caller is answered by who was called, once the first offer is', async () => {
    const { srf, nothingLeft, peer } = await withPeer();
    let [request, answer]: Untyped[] = [];
    srf.invite((req: Untyped, res: Untyped) => {
      [request, answer] = [req, res];
      req.on('update', (_update: Untyped, updated: Untyped) => updated.send(200, { body: sdp(5002) }));
      res.send(183, undefined, { headers: { Require: '100rel' }, body: sdp(5000) }, undefined, () => {});
    });
    await wanted(srf);
    peer.request('INVITE', { call: 'updated', body: typed.body, more: [...typed.more, 'Supported: 100rel'] });
    const progress = await peer.next('SIP/2.0 183');
    const toTag = toTagOf(progress);
    const rack = `RAck: ${fieldOf(progress, 'RSeq')} 1 INVITE`;
    peer.request('PRACK', { call: 'updated', cseq: 2, toTag, more: [rack] });
    await peer.next('SIP/2.0 200');
    peer.request('UPDATE', { call: 'updated', cseq: 3, toTag, ...typed });
    const updated = await peer.next('SIP/2.0 200');
    expect(updated).toContain('m=audio 5002');
    const there = srf.createUAS(request, answer, { localSdp: sdp(5000) });
    await peer.next('SIP/2.0 200');
    peer.request('ACK', { call: 'updated', toTag });
    const dialog = await there;
    void dialog.destroy();
    peer.answer(await peer.next('BYE '), '200 OK');
    await nothingLeft();
  });

  test('createB2BUA relays a reliable provisional answer, and its PRACK', async () => {
    const { srf, toBen, toAnn, nothingLeft } = await two();
    srf.ben.invite((req: Untyped, res: Untyped) => {
      void srf.ben.createB2BUA(req, res, toAnn('last'), { headers: { Supported: '100rel' } }).then(
        ({ uas, uac }: Untyped) => uas.on('destroy', () => uac.destroy()),
        () => {},
      );
    });
    const last = new Promise<Untyped>((resolve) => {
      srf.ann.invite((req: Untyped, res: Untyped) => {
        const options = { headers: { Require: '100rel' }, body: sdp(6000) };
        res.send(183, undefined, options, undefined, () =>
          resolve(srf.ann.createUAS(req, res, { localSdp: sdp(6000) })),
        );
      });
    });
    await Promise.all([wanted(srf.ann), wanted(srf.ben)]);
    const first = await srf.ann.createUAC(toBen('relay'), { localSdp: sdp(4000), headers: { Supported: '100rel' } });
    expect(first.remote.sdp).toBe(sdp(6000));
    const over = ended(await last);
    await first.destroy();
    await over;
    await nothingLeft();
  });
});

test('a re-INVITE that is refused leaves the call as it was', async () => {
  const { call, nothingLeft } = await two();
  const { here, there } = await call();
  there.on('modify', (_req: Untyped, res: Untyped) => res.send(488));
  const refused = await here.modify(sdp(4002)).catch((error: Untyped) => error.status);
  expect(refused).toBe(488);
  there.on('info', (_req: Untyped, res: Untyped) => res.send(200));
  expect((await here.request({ method: 'INFO' })).status).toBe(200);
  const over = ended(there);
  await here.destroy();
  await over;
  await nothingLeft();
});
