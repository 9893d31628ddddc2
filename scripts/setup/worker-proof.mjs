// @ts-check
/**
 * Proves a mediasoup worker by what it is for: `node worker-proof.mjs <path of the worker>`.
 *
 * Two WebRTC transports of one worker are joined to libwebrtc over 127.0.0.1: ICE, a DTLS handshake each, Opus sent in
 * SRTP by one and played by the other. Starting a worker proves nothing: a wrong build dies at the first handshake.
 *
 * Exits 0 when the tone was heard; otherwise prints the reason on stderr. It is a process of its own because libwebrtc
 * keeps the event loop alive, and because a native crash must not take the set-up with it.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { exitCannotProve } from './worker-prove.mjs';

/**
 * @typedef {import('mediasoup').types.Router} Router
 * @typedef {import('mediasoup').types.WebRtcServer} WebRtcServer
 * @typedef {import('mediasoup-client').Device} Device
 * @typedef {import('mediasoup-client').types.Transport} LocalTransport
 */

const requiredPackets = 10;
const audibleSample = 1_000;
const deadlineMs = 45_000;

let stage = 'starting the worker';

/** @param {string} reason @param {number} [exitCode] @returns {never} */
function fail(reason, exitCode = 1) {
  process.stderr.write(`${reason} (while ${stage})\n`);
  process.exit(exitCode);
}

/**
 * A package that does not load here says nothing about the worker.
 * @template T
 * @param {Promise<T>} loading
 * @returns {Promise<T>}
 */
function required(loading) {
  return loading.catch((error) => fail(String(error?.message ?? error), exitCannotProve));
}

/** @param {string} what @param {() => boolean | Promise<boolean>} condition */
async function until(what, condition) {
  stage = what;
  while (!(await condition())) await delay(50);
}

/** mediasoup-client expects a browser. @param {Record<string, unknown>} wrtc */
function installBrowserGlobals(wrtc) {
  const names = ['RTCPeerConnection', 'RTCSessionDescription', 'RTCIceCandidate', 'MediaStream', 'MediaStreamTrack'];
  for (const name of names) Reflect.set(globalThis, name, wrtc[name]);
}

/** A 440 Hz tone, 10 ms at a time, for as long as the process lives. @param {any} wrtc */
function startTone(wrtc) {
  const sampleRate = 48_000;
  const source = new wrtc.nonstandard.RTCAudioSource();
  let sampleIndex = 0;
  setInterval(() => {
    const samples = new Int16Array(sampleRate / 100);
    for (let i = 0; i < samples.length; i++) {
      samples[i] = 12_000 * Math.sin((2 * Math.PI * 440 * sampleIndex++) / sampleRate);
    }
    const numberOfFrames = samples.length;
    source.onData({ samples, sampleRate, bitsPerSample: 16, channelCount: 1, numberOfFrames });
  }, 10);
  return source.createTrack();
}

/** The loudest sample heard on a track so far. @param {any} wrtc @param {unknown} track */
function listen(wrtc, track) {
  let loudest = 0;
  const sink = new wrtc.nonstandard.RTCAudioSink(track);
  sink.ondata = (/** @type {{ samples: Int16Array }} */ { samples }) => {
    for (const sample of samples) loudest = Math.max(loudest, Math.abs(sample));
  };
  return () => loudest;
}

/**
 * A transport of the worker and its libwebrtc counterpart, wired as signaling would wire them.
 * @param {Router} router @param {WebRtcServer} webRtcServer
 */
async function createRemote(router, webRtcServer) {
  const remote = await router.createWebRtcTransport({ webRtcServer });
  const { id, iceParameters, iceCandidates, dtlsParameters } = remote;
  return { remote, parameters: { id, iceParameters, iceCandidates, dtlsParameters } };
}

/**
 * The two ends declare the same parameters, each in types of its own.
 * @param {unknown} parameters
 * @returns {any}
 */
function ofOtherEnd(parameters) {
  return parameters;
}

/** @param {LocalTransport} local @param {import('mediasoup').types.WebRtcTransport} remote */
function connectOnDemand(local, remote) {
  local.on('connect', ({ dtlsParameters }, done, refuse) => {
    remote.connect({ dtlsParameters }).then(done, refuse);
  });
}

/** @param {Router} router @param {WebRtcServer} webRtcServer @param {Device} device @param {any} wrtc */
async function send(router, webRtcServer, device, wrtc) {
  const { remote, parameters } = await createRemote(router, webRtcServer);
  const local = device.createSendTransport(parameters);
  connectOnDemand(local, remote);
  /** @type {Promise<import('mediasoup').types.Producer>} */
  const producing = new Promise((resolve) => {
    local.on('produce', ({ kind, rtpParameters }, done, refuse) => {
      remote.produce({ kind, rtpParameters: ofOtherEnd(rtpParameters) }).then((producer) => {
        resolve(producer);
        done({ id: producer.id });
      }, refuse);
    });
  });
  await local.produce({ track: startTone(wrtc) });
  const producer = await producing;
  await until('waiting for the DTLS handshake of the sender', () => remote.dtlsState === 'connected');
  await until('waiting for RTP packets from the sender', async () => {
    const stats = await producer.getStats();
    return stats.some((stat) => stat.packetCount >= requiredPackets);
  });
  return producer;
}

/**
 * @param {Router} router @param {WebRtcServer} webRtcServer @param {Device} device @param {any} wrtc
 * @param {string} producerId
 */
async function receive(router, webRtcServer, device, wrtc, producerId) {
  const { remote, parameters } = await createRemote(router, webRtcServer);
  const local = device.createRecvTransport(parameters);
  connectOnDemand(local, remote);
  const consumer = await remote.consume({ producerId, rtpCapabilities: ofOtherEnd(device.recvRtpCapabilities) });
  const { id, kind, rtpParameters } = consumer;
  const { track } = await local.consume({ id, producerId, kind, rtpParameters: ofOtherEnd(rtpParameters) });
  const loudest = listen(wrtc, track);
  await until('waiting for the DTLS handshake of the receiver', () => remote.dtlsState === 'connected');
  await until('waiting for the receiver to hear the tone', () => loudest() > audibleSample);
}

/** @param {string} workerBin */
async function prove(workerBin) {
  // mediasoup reads the path once, when it is imported.
  process.env['MEDIASOUP_WORKER_BIN'] = workerBin;
  const mediasoup = await required(import('mediasoup'));
  const { Device } = await required(import('mediasoup-client'));
  const { default: wrtc } = await required(import('@roamhq/wrtc'));
  installBrowserGlobals(wrtc);

  const worker = await mediasoup.createWorker({ logLevel: 'warn' });
  worker.on('died', (error) => fail(`the worker died: ${error.message}`));
  stage = 'opening a port on 127.0.0.1';
  const webRtcServer = await worker.createWebRtcServer({ listenInfos: [{ protocol: 'udp', ip: '127.0.0.1' }] });
  const router = await worker.createRouter({
    mediaCodecs: [{ kind: 'audio', mimeType: 'audio/opus', clockRate: 48_000, channels: 2 }],
  });
  const device = new Device({ handlerName: 'Chrome111' });
  await device.load({ routerRtpCapabilities: router.rtpCapabilities });
  const producer = await send(router, webRtcServer, device, wrtc);
  await receive(router, webRtcServer, device, wrtc, producer.id);
}

const workerBin = process.argv[2];
if (!workerBin) fail('usage: node worker-proof.mjs <path of the mediasoup worker>', exitCannotProve);
setTimeout(() => fail(`no result after ${deadlineMs / 1000} s`), deadlineMs);
prove(workerBin).then(
  () => process.exit(0),
  (error) => fail(error instanceof Error ? error.message : String(error)),
);
