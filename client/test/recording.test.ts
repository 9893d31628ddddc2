import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { type Manifest, readManifest } from '../../media/recording/manifest.ts';
import { frameSizes, probe, toneShare } from '../../media/recording/testing/ffmpeg.ts';
import { loadDevSecret } from '../../server/identity/dev-secret.ts';
import { createTokenIssuer } from '../../server/identity/token-issuer.ts';
import { eventually } from '../../test/support/eventually.ts';
import { readMetrics } from '../../test/support/read-metrics.ts';
import { requireOrSkip } from '../../test/support/require.ts';
import { ServerProcess } from '../../test/support/server-process.ts';
import { createClient, type RecordingInfo } from '../src/index.ts';
import { quickTiming } from './quick-timing.ts';
import { startRealRoom } from './real-room.ts';
import { createPictureTrack, createToneTrack } from './tracks.ts';
import { createWrtcDevice } from './wrtc-device.ts';

const can = ['join', 'publish', 'subscribe', 'chat', 'history', 'record'] as const;
const recording = { enabled: true, minFreeBytes: 0 };
const long = { timeout: 90_000 };

/** What the server counts of its recordings. */
async function counted(url: string, name: 'recording_bytes_total' | 'recording_tracks'): Promise<number> {
  const text = await readMetrics(url);
  return Number(new RegExp(`^parley_${name} (\\d+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
}

/** Until the recorder has said that so much is written. */
function written(url: string, bytes: number): Promise<unknown> {
  return eventually(
    async () => (await counted(url, 'recording_bytes_total')) > bytes,
    `${bytes} bytes written`,
    30_000,
  );
}

async function fetchFile(url: string, info: RecordingInfo, name: string, token: string, range?: string) {
  const path = info.url.replace(/[^/]+$/, name);
  return fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}`, ...(range && { range }) } });
}

describe.skipIf(!requireOrSkip('mediasoup') || !requireOrSkip('ffmpeg'))('a recording of a call', () => {
  test('has what was said and shown, and everybody knows of it', long, async () => {
    await using real = await startRealRoom({ recording });
    const { server } = real;
    const ada = await real.join({ identity: 'ada', can });
    const bob = await real.join({ identity: 'bob' });
    using tone = createToneTrack();
    using picture = createPictureTrack();
    await ada.room.publish(tone.track, { source: 'microphone' });
    const told: string[] = [];
    const urls = new Set<string>();
    bob.room.on('recordingChanged', ({ state, url }) => {
      told.push(state);
      urls.add(url);
    });

    const started = await ada.room.startRecording({ title: 'Monday' });
    expect(started).toMatchObject({ state: 'running', room: 'standup', startedBy: 'ada', title: 'Monday', url: '' });
    await expect(ada.room.startRecording()).rejects.toMatchObject({ reason: 'RECORDING_RUNS' });
    await expect(bob.room.startRecording()).rejects.toMatchObject({ reason: 'GRANT_MISSING' });
    // One that begins in the middle of it.
    await bob.room.publish(picture.track, { source: 'camera' });
    const cleo = await real.join({ identity: 'cleo' });
    expect(cleo.room.recording?.recordingId).toBe(started.recordingId);
    await eventually(async () => (await counted(server.url, 'recording_tracks')) === 2, 'both tracks', 20_000);
    await written(server.url, 20_000);

    const ended = await ada.room.stopRecording(started.recordingId);
    expect(ended).toMatchObject({ state: 'done', tracks: 2 });
    await eventually(() => told.at(-1) === 'done', 'the end is told');
    expect(told.filter((state) => state !== 'running')).toEqual(['stopping', 'done']);
    expect([...urls]).toEqual(['']);
    expect(cleo.room.recording).toBeUndefined();
    const log = bob.room.chat.records.filter(({ kind }) => kind.startsWith('recording'));
    expect(log.map(({ kind, identity }) => [kind, identity])).toEqual([
      ['recordingStarted', 'ada'],
      ['recordingStopped', 'ada'],
    ]);

    const token = server.issueToken({ identity: 'ada', room: 'standup', can: ['record'] });
    const manifest = (await (await fetchFile(server.url, ended, 'manifest.json', token)).json()) as Manifest;
    expect(manifest.tracks.map(({ identity, source, codec }) => [identity, source, codec])).toEqual([
      ['ada', 'microphone', 'opus'],
      ['bob', 'camera', 'vp8'],
    ]);
    expect(manifest.tracks[1]?.offsetMs).toBeGreaterThan(manifest.tracks[0]?.offsetMs ?? 0);
    const own = join(server.dataDir, 'recordings', ended.recordingId);
    for (const { file = '' } of manifest.tracks) {
      const probed = await probe(join(own, file));
      expect(probed.complaints).toBe('');
      expect(probed.packets).toBeGreaterThan(10);
    }
    expect(await toneShare(join(own, manifest.tracks[0]?.file ?? ''), 440)).toBeGreaterThan(0.9);

    // Downloads: whole, in parts, and not for everybody.
    const [{ file = '', bytes = 0 } = {}] = manifest.tracks;
    const whole = await fetchFile(server.url, ended, file, token);
    const body = Buffer.from(await whole.arrayBuffer());
    expect([whole.status, body.length]).toEqual([200, bytes]);
    const part = await fetchFile(server.url, ended, file, token, 'bytes=100-299');
    expect([part.status, part.headers.get('content-range')]).toEqual([206, `bytes 100-299/${bytes}`]);
    expect(Buffer.from(await part.arrayBuffer()).equals(body.subarray(100, 300))).toBe(true);
    const beyond = await fetchFile(server.url, ended, file, token, `bytes=${bytes}-`);
    expect(beyond.status).toBe(416);
    const elsewhere = server.issueToken({ identity: 'ada', room: 'other', can: ['record'] });
    expect((await fetchFile(server.url, ended, file, elsewhere)).status).toBe(404);
    expect((await fetchFile(server.url, ended, file, 'nonsense')).status).toBe(401);
    expect((await fetchFile(server.url, ended, 'journal.jsonl', token)).status).toBe(404);
    expect((await fetchFile(server.url, ended, '..%2f..%2fidentity', token)).status).toBe(404);

    await ada.room.deleteRecording(ended.recordingId);
    expect((await ada.room.listRecordings()).recordings).toEqual([]);
    expect((await fetchFile(server.url, ended, 'manifest.json', token)).status).toBe(404);
    expect(await readdir(join(server.dataDir, 'recordings'))).toEqual([]);
  });

  // The two that wait longest wait together. Not all at once: a recorder that a busy machine starts too late is refused.
  test.concurrent('goes on when a media worker dies', long, async () => {
    await using real = await startRealRoom({ recording });
    const ada = await real.join({ identity: 'ada', can });
    using tone = createToneTrack();
    await ada.room.publish(tone.track, { source: 'microphone' });
    const { recordingId } = await ada.room.startRecording();
    await written(real.server.url, 5_000);
    process.kill(real.workerPid, 'SIGKILL');
    const before = await counted(real.server.url, 'recording_bytes_total');
    await written(real.server.url, before + 20_000);
    await ada.room.stopRecording(recordingId);
    const manifest = await readManifest(join(real.server.dataDir, 'recordings', recordingId));
    const [lost, next] = manifest?.tracks ?? [];
    expect([lost?.ended, next?.ended]).toEqual(['worker', 'stopped']);
    // Without a recording in between: at most as long as the call was interrupted itself.
    const gapMs = (next?.offsetMs ?? 0) - (lost?.offsetMs ?? 0) - (lost?.durationMs ?? 0);
    expect(gapMs).toBeGreaterThan(0);
    expect(gapMs).toBeLessThan(5_000);
  });

  test.concurrent('has pictures whole, though nobody shows them', long, async () => {
    await using real = await startRealRoom({ recording });
    const ada = await real.join({ identity: 'ada', can });
    using picture = createPictureTrack({ width: 640, height: 480 });
    await ada.room.publish(picture.track, { source: 'camera' });
    const { recordingId, startedAtMs } = await ada.room.startRecording();
    const folder = join(real.server.dataDir, 'recordings', recordingId);
    const growing = async () => (await readdir(folder)).find((name) => name.endsWith('.webm'));
    // On a busy machine libwebrtc takes its time until it dares to send the large one.
    await eventually(
      async () => {
        const name = await growing();
        return name !== undefined && (await frameSizes(join(folder, name)).catch(() => [])).at(-1)?.width === 640;
      },
      'whole pictures in the file',
      60_000,
      500,
    );
    // A sender whose picture nobody shows is told so after 10 s.
    await eventually(() => Date.now() - startedAtMs > 14_000, 'the time to be told', 30_000);
    const metrics = await readMetrics(real.server.url);
    expect(metrics).toContain('parley_media_layers_wanted_total{direction="down"} 0');
    const { endedAtMs } = await ada.room.stopRecording(recordingId);
    const [{ file = '', offsetMs = 0 } = {}] = (await readManifest(folder))?.tracks ?? [];
    const sizes = await frameSizes(join(folder, file));
    expect(sizes.at(-1)?.width).toBe(640);
    expect(endedAtMs - startedAtMs - offsetMs - (sizes.at(-1)?.atMs ?? 0)).toBeLessThan(2_000);
  });

  test('is refused where nobody may read what is sent, and where it is switched off', long, async () => {
    await using real = await startRealRoom({ recording });
    const token = () => real.server.issueToken({ identity: 'ada', can: [...can, 'moderate'] });
    const client = createClient({ url: real.server.wsUrl, token, webSocket: WebSocket, device: createWrtcDevice });
    await client.connect();
    const room = await client.join('secret', { e2ee: true });
    await expect(room.startRecording()).rejects.toMatchObject({ reason: 'E2EE_REFUSES' });
    await client.close();
    await using off = await startRealRoom();
    const ada = await off.join({ identity: 'ada', can });
    await expect(ada.room.startRecording()).rejects.toMatchObject({ reason: 'RECORDING_REFUSED' });
  });

  test('outlives a server that is killed: the files play and the manifest is there', long, async () => {
    await using server = await ServerProcess.start({
      options: ['recording.enabled=true', 'recording.minFreeBytes=0', 'media.listenIp=127.0.0.1'],
    });
    const issuer = createTokenIssuer({ ...loadDevSecret(server.dataDir), issuer: '', audience: '' });
    const grants = [{ room: '*', can }];
    const token = () => issuer.issue({ identity: 'ada', name: 'Ada', metadata: '', grants, ttlSeconds: 3_600 });
    const client = createClient({
      ...{ url: server.wsUrl, token, webSocket: WebSocket, device: createWrtcDevice },
      // It is back as soon as the server is.
      timing: quickTiming,
    });
    await client.connect();
    const room = await client.join('standup');
    using tone = createToneTrack();
    using picture = createPictureTrack();
    await room.publish(tone.track, { source: 'microphone' });
    await room.publish(picture.track, { source: 'camera' });
    const { recordingId } = await room.startRecording({ title: 'cut off' });
    await written(server.url, 20_000);
    await server.kill();
    const folder = join(server.dataDir, 'recordings', recordingId);
    const manifest = await eventually(() => readManifest(folder), 'the manifest', 20_000);
    expect(manifest).toMatchObject({ state: 'interrupted', problem: 'the server ended', title: 'cut off' });
    expect(manifest.tracks).toHaveLength(2);
    for (const { file = '', durationMs } of manifest.tracks) {
      const probed = await probe(join(folder, file));
      expect({ file, complaints: probed.complaints }).toEqual({ file, complaints: '' });
      expect(probed.lastSeconds).toBeGreaterThan(1);
      expect(Math.abs(probed.lastSeconds - durationMs / 1000)).toBeLessThan(0.2);
    }
    await server.startAgain();
    // Nothing is sent while the client is not back.
    const { recordings } = await eventually(() => room.listRecordings().catch(() => undefined), 'the list', 30_000);
    expect(recordings).toMatchObject([{ recordingId, state: 'interrupted', tracks: 2 }]);
    expect(room.recording).toBeUndefined();
    await client.close();
  });
});
