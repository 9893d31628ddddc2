// WHIP (RFC 9725) and WHEP against a whole server: what senders and players do, and what they should not.

import wrtc from '@roamhq/wrtc';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import {
  fragmentType,
  framesDecoded,
  ingestRequest,
  playByServerOffer,
  sdpType,
  sendByWhip,
} from '../support/ingest-client.ts';
import { requireOrSkip } from '../support/require.ts';
import { SdpCaller, SdpReceiver } from '../support/sdp-client.ts';
import { sampleOffer } from '../support/sdp-samples.ts';
import { type RunningServer, startServer } from '../support/start-server.ts';
import { createPicture, createTone, type MadeTrack } from '../support/wrtc-tracks.ts';

const canRun = requireOrSkip('mediasoup');
const elsewhere = 'https://studio.example.org';

/** A tone and a picture for as long as the test runs. */
function createTracks(): Disposable & { readonly tracks: readonly MadeTrack[] } {
  const tracks = [createTone(), createPicture()];
  return {
    tracks,
    [Symbol.dispose]() {
      for (const track of tracks) track.stop();
    },
  };
}

const fragment = (ufrag: string) => `a=ice-ufrag:${ufrag}\r\na=ice-pwd:passwordpasswordpassword\r\n`;

describe.skipIf(!canRun)('WHIP', () => {
  let server: RunningServer;
  const token = (identity = 'studio') => server.issueToken({ identity });
  beforeAll(async () => {
    server = await startServer({
      ingest: { allowedOrigins: [elsewhere], maxSessions: 4 },
      // 200 requests at once are asked for below; how many one address may make is another matter.
      gateway: { connectionRate: { perSecond: 1_000, burst: 1_000 } },
    });
  });
  afterAll(() => server.close());

  test('brings a sound and a picture into a room, where a client receives them, until DELETE', async () => {
    using made = createTracks();
    using ben = await SdpCaller.join(server, 'live', { identity: 'ben' });
    using receiver = new SdpReceiver(ben);
    await receiver.subscribe();
    {
      await using session = await sendByWhip(server, { room: 'live', token: token(), tracks: made.tracks });
      expect(session.location).toMatch(/^\/whip\/live\/[\w-]{22}$/);
      expect(session.etag).toMatch(/^"[\w-]{22}"$/);
      await receiver.expectMore('sound and frames');
      const { peers } = await ben.call('room.listPeers', { pageToken: '0' });
      expect(peers.find(({ kind }) => kind === 'whip')).toMatchObject({ identity: 'studio', name: 'studio' });
    }
    await eventually(() => ben.of('peersLeft').length === 1, 'the sender’s leave');
  });

  test('restarts ICE by PATCH, and the media goes on under the new credentials', async () => {
    using made = createTracks();
    using ben = await SdpCaller.join(server, 'restart', { identity: 'ben' });
    using receiver = new SdpReceiver(ben);
    await receiver.subscribe();
    await using session = await sendByWhip(server, { room: 'restart', token: token(), tracks: made.tracks });
    await receiver.expectMore('sound and frames');

    const { connection, location } = session;
    const before = connection.remoteDescription?.sdp ?? '';
    const offer = await connection.createOffer({ iceRestart: true });
    await connection.setLocalDescription(offer);
    const [ufrag, pwd] = ['ufrag', 'pwd'].map((name) => new RegExp(`a=ice-${name}:(\\S+)`).exec(offer.sdp ?? '')?.[1]);
    const body = `a=ice-ufrag:${ufrag}\r\na=ice-pwd:${pwd}\r\n`;
    const patch = { token: token(), type: fragmentType, body };
    const restarted = await ingestRequest(server, 'PATCH', location, { ...patch, ifMatch: '*' });
    const text = await restarted.text();
    expect([restarted.status, restarted.headers.get('content-type')]).toEqual([200, fragmentType]);
    const etag = restarted.headers.get('etag') ?? '';
    expect(etag).not.toBe(session.etag);
    const credentials = (name: string) => new RegExp(`a=ice-${name}:(\\S+)`).exec(text)?.[1] ?? '';
    expect(text).toContain('a=candidate:');
    const sdp = before
      .replaceAll(/a=ice-ufrag:\S+/g, `a=ice-ufrag:${credentials('ufrag')}`)
      .replaceAll(/a=ice-pwd:\S+/g, `a=ice-pwd:${credentials('pwd')}`);
    await connection.setRemoteDescription({ type: 'answer', sdp });
    await receiver.expectMore('sound and frames after the restart');

    // Of the ICE session before, nothing is taken any more; of this one, candidates are.
    const stale = await ingestRequest(server, 'PATCH', location, { ...patch, ifMatch: session.etag });
    expect(stale.status).toBe(412);
    const trickled = await ingestRequest(server, 'PATCH', location, { ...patch, ifMatch: etag });
    expect([trickled.status, trickled.headers.get('etag'), await trickled.text()]).toEqual([204, null, '']);
  });

  test('refuses what it should, in the words of HTTP', async () => {
    const offer = sampleOffer('chromium-156-publish');
    const post = (options: Parameters<typeof ingestRequest>[3], path = '/whip/refused') =>
      ingestRequest(server, 'POST', path, { token: token(), type: sdpType, body: offer, ...options });
    const reasonOf = async (response: Response) => [
      response.status,
      ((await response.json()) as { error: { reason: string } }).error.reason,
    ];

    const missing = await post({ token: undefined });
    expect(missing.headers.get('www-authenticate')).toBe('Bearer');
    expect(await reasonOf(missing)).toEqual([401, 'TOKEN_MISSING']);
    expect((await post({ token: 'x.y.z' })).status).toBe(401);
    expect(await reasonOf(await post({ token: server.issueToken({ identity: 'a', ttlSeconds: -3600 }) }))).toEqual([
      401,
      'TOKEN_EXPIRED',
    ]);
    const can = ['join', 'subscribe'] as const;
    expect(await reasonOf(await post({ token: server.issueToken({ identity: 'a', can }) }))).toEqual([
      403,
      'GRANT_MISSING',
    ]);
    expect((await post({ type: 'text/plain' })).status).toBe(415);
    expect(await reasonOf(await post({ body: '' }))).toEqual([400, 'SDP_REFUSED']);
    expect((await post({ body: offer.padEnd(48 * 1024 + 1, 'a=x\r\n') })).status).toBe(400);
    expect((await post({ body: 'x'.repeat(70_000) })).status).toBe(413);
    expect((await post({ body: `${offer}${'m=audio 9 UDP/TLS/RTP/SAVPF 0\r\n'.repeat(1_000)}` })).status).toBe(400);
    expect((await post({ body: offer.replace('a=mid:1', 'a=mid:0') })).status).toBe(400);
    expect((await post({ body: sampleOffer('chromium-156-receive') })).status).toBe(400);
    expect((await post({}, '/whip/-not-a-room')).status).toBe(400);
    expect((await post({}, '/whip/')).status).toBe(404);
    expect((await post({}, '/whip/%E0%A4')).status).toBe(404);
    expect((await post({}, '/whip/refused?source=elsewhere')).status).toBe(400);
    for (const method of ['GET', 'PUT', 'HEAD']) {
      const answer = await ingestRequest(server, method, '/whip/refused');
      expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST, PATCH, DELETE, OPTIONS']);
    }
    using ben = await SdpCaller.join(server, 'refused', { identity: 'ben' });
    expect((await ben.call('room.listPeers', { pageToken: '0' })).peers).toEqual([]);
  });

  test('lets nobody else touch a session, and 200 DELETEs end it once', async () => {
    using made = createTracks();
    await using session = await sendByWhip(server, { room: 'mine', token: token(), tracks: made.tracks });
    const { location, etag } = session;
    const trickle = { type: fragmentType, body: fragment('abcd'), ifMatch: etag };
    expect((await ingestRequest(server, 'PATCH', location, trickle)).status).toBe(401);
    const other = server.issueToken({ identity: 'somebody else' });
    expect((await ingestRequest(server, 'PATCH', location, { ...trickle, token: other })).status).toBe(404);
    expect((await ingestRequest(server, 'DELETE', location, { token: other })).status).toBe(404);
    expect((await ingestRequest(server, 'DELETE', location.replace('mine', 'yours'), { token: token() })).status).toBe(
      404,
    );
    expect((await ingestRequest(server, 'DELETE', location.replace('whip', 'whep'), { token: token() })).status).toBe(
      404,
    );
    const without = await ingestRequest(server, 'PATCH', location, { token: token(), type: fragmentType, body: '' });
    expect(without.status).toBe(400);
    const candidate = 'a=candidate:1 1 udp 2122260223 192.0.2.1 61764 typ host\r\na=end-of-candidates\r\n';
    for (const [body, ifMatch, status] of [
      [candidate, undefined, 428],
      [candidate, '"another"', 412],
      [candidate, etag, 204],
      // Another user name is an ICE restart, which says `*`.
      [fragment('abcd'), etag, 412],
      ['a=candidate:nonsense\r\n', etag, 400],
      ['candidates', etag, 400],
      ['v=0\r\n', etag, 400],
    ] as const) {
      const options = { token: token(), type: fragmentType, body, ...(ifMatch && { ifMatch }) };
      expect([body, (await ingestRequest(server, 'PATCH', location, options)).status]).toEqual([body, status]);
    }
    for (const method of ['GET', 'HEAD', 'PUT', 'POST']) {
      const answer = await ingestRequest(server, method, location, { token: token(), type: sdpType });
      expect([method, answer.status, answer.headers.get('allow')]).toEqual([
        method,
        405,
        expect.stringContaining('PATCH'),
      ]);
    }
    expect((await ingestRequest(server, 'PATCH', location, { token: token(), type: sdpType, body: '' })).status).toBe(
      415,
    );
    const statuses: number[] = [];
    for (let index = 0; index < 200; index++) {
      statuses.push((await ingestRequest(server, 'DELETE', location, { token: token() })).status);
    }
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => status === 404)).toHaveLength(199);
  });

  test('takes ingest.maxSessions at once and no more', async () => {
    using made = createTracks();
    const open = (identity: string) =>
      sendByWhip(server, { room: identity, token: token(identity), tracks: made.tracks });
    const sessions = await Promise.all(['a', 'b', 'c', 'd'].map(open));
    await expect(open('e')).rejects.toThrow('RATE_LIMITED');
    for (const session of sessions) await session[Symbol.asyncDispose]();
    await (await open('e'))[Symbol.asyncDispose]();
  });

  test('of an end-to-end encrypted room is refused', async () => {
    const moderator = server.issueToken({ identity: 'ada', can: ['join', 'publish', 'moderate'] });
    using ada = await SdpCaller.join(server, 'other', { identity: 'ada', can: ['join', 'publish', 'moderate'] });
    await ada.request('room.join', { room: 'secret', options: { e2ee: true } });
    const body = sampleOffer('chromium-156-publish');
    for (const mode of ['whip', 'whep']) {
      const can = ['join', 'publish', 'subscribe'] as const;
      const bearer = mode === 'whip' ? moderator : server.issueToken({ identity: 'eve', can });
      const answer = await ingestRequest(server, 'POST', `/${mode}/secret`, { token: bearer, type: sdpType, body });
      expect([answer.status, await answer.text()]).toEqual([403, expect.stringContaining('E2EE_REFUSES')]);
    }
  });

  test('is refused where every room is end-to-end encrypted, the first that comes too', async () => {
    await using closed = await startServer({ rooms: { e2ee: 'always' } });
    const body = sampleOffer('chromium-156-publish');
    for (const mode of ['whip', 'whep']) {
      const token = closed.issueToken({ identity: 'studio' });
      const answer = await ingestRequest(closed, 'POST', `/${mode}/new`, { token, type: sdpType, body });
      expect([answer.status, await answer.text()]).toEqual([403, expect.stringContaining('E2EE_REFUSES')]);
    }
  });

  test('names the relays that there are in Link, with credentials', async () => {
    const turn = {
      urls: ['turn:turn.example.org:3478?transport=udp', 'stun:stun.example.org'],
      secret: 'x'.repeat(32),
    };
    await using relayed = await startServer({ turn });
    const body = sampleOffer('chromium-156-publish');
    const bearer = relayed.issueToken({ identity: 'studio' });
    const opened = await ingestRequest(relayed, 'POST', '/whip/live', { token: bearer, type: sdpType, body });
    expect(opened.status).toBe(201);
    const links = (opened.headers.get('link') ?? '').split(/, (?=<)/);
    expect(links.find((link) => link.startsWith('<turn:'))).toMatch(
      /^<turn:turn\.example\.org:3478\?transport=udp>; rel="ice-server"; username="[^"]+"; credential="[^"]+"; credential-type="password"$/,
    );
    expect(links.find((link) => link.startsWith('<stun:'))).toContain('rel="ice-server"');
  });

  test('and WHEP can each be switched off', async () => {
    await using without = await startServer({ ingest: { whip: false } });
    expect((await ingestRequest(without, 'POST', '/whip/live', { token: token() })).status).toBe(404);
    expect((await ingestRequest(without, 'POST', '/whep/live')).status).toBe(401);
  });

  test('answers pages of allowed origins only, preflights included', async () => {
    const preflight = await ingestRequest(server, 'OPTIONS', '/whip/live', { origin: elsewhere });
    expect(preflight.status).toBe(200);
    expect(preflight.headers.get('access-control-allow-origin')).toBe(elsewhere);
    expect(preflight.headers.get('access-control-allow-headers')).toContain('If-Match');
    expect(preflight.headers.get('access-control-expose-headers')).toContain('ETag');
    expect(preflight.headers.get('accept-post')).toBe(sdpType);
    const refused = await ingestRequest(server, 'POST', '/whip/live', { origin: elsewhere });
    expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([401, elsewhere]);
    const stranger = await ingestRequest(server, 'OPTIONS', '/whip/live', { origin: 'https://evil.example' });
    expect([stranger.status, stranger.headers.get('access-control-allow-origin')]).toEqual([403, null]);
  });
});

describe.skipIf(!canRun)('WHEP', () => {
  let server: RunningServer;
  const token = (identity = 'viewer') => server.issueToken({ identity });
  beforeAll(async () => {
    server = await startServer({ ingest: { allowedOrigins: ['*'] } });
  });
  afterAll(() => server.close());

  test('plays what a WHIP sender brings, by an offer of the server', async () => {
    using made = createTracks();
    await using sender = await sendByWhip(server, { room: 'stage', token: token('studio'), tracks: made.tracks });
    await using player = await playByServerOffer(server, { room: 'stage', token: token() });
    expect([sender.status, player.status]).toEqual([201, 201]);
    await eventually(async () => (await framesDecoded(player.connection)) > 5, 'frames');
    // It is answered once.
    const again = await ingestRequest(server, 'PATCH', player.location, {
      token: token(),
      type: sdpType,
      body: player.connection.localDescription?.sdp ?? '',
    });
    expect(again.status).toBe(409);
  });

  test('answers an offer with its own payload types, as of another browser, and restarts ICE', async () => {
    using made = createTracks();
    await using sender = await sendByWhip(server, { room: 'types', token: token('studio'), tracks: made.tracks });
    expect(sender.status).toBe(201);
    const connection = new wrtc.RTCPeerConnection();
    // The picture first: otherwise this libwebrtc of 2021 reads the time in a packet as its mid (docs/clients/whip-whep.md).
    for (const kind of ['video', 'audio']) connection.addTransceiver(kind, { direction: 'recvonly' });
    const offer = await connection.createOffer();
    // As Firefox numbers it.
    const renumbered = withPayloadType(offer.sdp ?? '', 'VP8', 120);
    await connection.setLocalDescription({ type: 'offer', sdp: renumbered });
    const opened = await ingestRequest(server, 'POST', '/whep/types', {
      token: token(),
      type: sdpType,
      body: renumbered,
    });
    const answer = await opened.text();
    expect([opened.status, answer]).toEqual([201, expect.stringContaining('a=rtpmap:120 VP8/90000')]);
    await connection.setRemoteDescription({ type: 'answer', sdp: answer });
    await eventually(async () => (await framesDecoded(connection)) > 5, 'frames');
    await eventually(async () => {
      const reports = [...(await connection.getStats()).values()];
      return reports.some(({ type, totalAudioEnergy }) => type === 'inbound-rtp' && totalAudioEnergy > 0);
    }, 'sound');

    const location = opened.headers.get('location') ?? '';
    const restarted = await ingestRequest(server, 'PATCH', location, {
      token: token(),
      type: fragmentType,
      ifMatch: '*',
      body: fragment('restarted'),
    });
    expect([restarted.status, await restarted.text()]).toEqual([200, expect.stringContaining('a=ice-ufrag:')]);
    connection.close();
    expect((await ingestRequest(server, 'DELETE', location, { token: token() })).status).toBe(200);
  });

  test('offers itself to players beyond ingest.whepMaxProfiles kinds, and answers those of the kind that is there', async () => {
    await using narrow = await startServer({ ingest: { whepMaxProfiles: 1 } });
    const tokenOf = (identity: string) => narrow.issueToken({ identity });
    using made = createTracks();
    await using sender = await sendByWhip(narrow, { room: 'kinds', token: tokenOf('studio'), tracks: made.tracks });
    expect(sender.status).toBe(201);
    const post = (identity: string, body: string) =>
      ingestRequest(narrow, 'POST', '/whep/kinds', { token: tokenOf(identity), type: sdpType, body });
    const [chromium, firefox] = [sampleOffer('chromium-156-receive'), sampleOffer('firefox-153-receive')];
    const first = await post('one', chromium);
    expect([first.status, (await post('two', chromium)).status]).toEqual([201, 201]);
    await using other = await playByServerOffer(narrow, { room: 'kinds', token: tokenOf('three'), offer: firefox });
    expect(other.status).toBe(406);
    await eventually(async () => (await framesDecoded(other.connection)) > 5, 'frames by the server’s offer');
    await using again = await playByServerOffer(narrow, { room: 'kinds', token: tokenOf('four'), offer: firefox });
    expect(again.status).toBe(406);
  });

  test('of a room or a person where nothing is sent answers 409, and when to ask again', async () => {
    using made = createTracks();
    await using sender = await sendByWhip(server, { room: 'choice', token: token('studio'), tracks: made.tracks });
    expect(sender.status).toBe(201);
    const offer = sampleOffer('chromium-156-receive');
    for (const path of ['empty', 'choice?peer=nobody', 'choice?source=screen']) {
      const answer = await ingestRequest(server, 'POST', `/whep/${path}`, {
        token: token(),
        type: sdpType,
        body: offer,
      });
      expect([answer.status, await answer.text()]).toEqual([409, expect.stringContaining('NOTHING_TO_PLAY')]);
      expect(answer.headers.get('retry-after')).toBe('5');
    }
    await using found = await playByServerOffer(server, { room: 'choice', token: token(), query: '?peer=studio' });
    expect(found.status).toBe(201);
  });

  test('is over when its sender is, and needs the grant subscribe', async () => {
    using made = createTracks();
    const sender = await sendByWhip(server, { room: 'over', token: token('studio'), tracks: made.tracks });
    await using player = await playByServerOffer(server, { room: 'over', token: token() });
    const can = ['join', 'publish'] as const;
    const refused = await ingestRequest(server, 'POST', '/whep/over', {
      token: server.issueToken({ identity: 'x', can }),
    });
    expect(refused.status).toBe(403);
    await sender[Symbol.asyncDispose]();
    const gone = await ingestRequest(server, 'DELETE', player.location, { token: token() });
    expect(gone.status).toBe(404);
  });
});

/** An offer whose codec of this name has another payload type. */
function withPayloadType(sdp: string, name: string, type: number): string {
  const before = new RegExp(`a=rtpmap:(\\d+) ${name}/`).exec(sdp)?.[1];
  if (before === undefined || sdp.includes(`a=rtpmap:${type} `))
    throw new Error(`the offer has no ${name}, or a ${type}`);
  return sdp
    .replaceAll(new RegExp(`^(a=(?:rtpmap|fmtp|rtcp-fb):)${before} `, 'gm'), `$1${type} `)
    .replaceAll(`apt=${before}\r\n`, `apt=${type}\r\n`)
    .replace(new RegExp(`^(m=video .*?) ${before}(?= |\\r)`, 'm'), `$1 ${type}`);
}
