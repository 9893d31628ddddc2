// Runs in a page: somebody in an end-to-end encrypted room by the SDK. Plain JavaScript: nothing compiles it on its way there.

import { createClient } from '/sdk.js';

const worker = () => new Worker('/e2ee-worker.js', { type: 'module' });
const told = [];
const captured = [];
const elements = new Map();
let client;
let room;

function play(remote) {
  const element = document.createElement(remote.track.kind);
  element.autoplay = true;
  element.muted = remote.track.kind === 'video';
  element.srcObject = new MediaStream([remote.track]);
  document.body.append(element);
  elements.set(remote, element);
}

/** Receives what the server forwards without a word about it, and keeps the first frames as they came. */
function eavesdrop() {
  const script = `onrtctransform = ({ transformer: { readable, writable, options } }) => readable.pipeThrough(new TransformStream({
    transform(frame, controller) {
      postMessage([options.scope.source, [...new Uint8Array(frame.data)]]);
      controller.enqueue(frame);
    },
  })).pipeTo(writable);`;
  const listener = new Worker(URL.createObjectURL(new Blob([script])));
  listener.onmessage = ({ data }) => captured.length < 200 && captured.push(data);
  const { RTCRtpScriptTransform: Transform } = globalThis;
  globalThis.RTCRtpScriptTransform = class extends Transform {
    constructor(_, options) {
      super(listener, options);
    }
  };
}

/** @param options `key`: bytes, under the index 0; `tap`: listens in; `without`: does not say that it can encrypt */
async function join({ url, token, name, key, demand = true, tap = false, without = false }) {
  if (tap) eavesdrop();
  client = createClient({ url, token: () => token, ...(!without && { e2ee: { worker } }) });
  await client.connect();
  room = await client.join(name, demand ? { e2ee: true } : {});
  room.on('decryptionChanged', (change) => told.push(change));
  if (key) await room.e2ee.setKey(0, Uint8Array.from(key));
  for (const remote of room.remoteTracks.values()) play(remote);
  room.on('trackAdded', play);
  room.on('trackRemoved', (remote) => {
    elements.get(remote)?.remove();
    elements.delete(remote);
  });
  return room.peerId;
}

/** Of the platform's made-up microphone: where there is no sound card, Firefox runs no AudioContext. */
async function makeTone() {
  return (await navigator.mediaDevices.getUserMedia({ audio: true })).getAudioTracks()[0];
}

/** All of it moves. */
function makePicture({ width = 320, height = 180 } = {}) {
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  const context = canvas.getContext('2d');
  let frame = 0;
  const draw = () => {
    frame += 1;
    for (let column = 0; column < 16; column++) {
      context.fillStyle = `hsl(${(column * 101 + frame * 17) % 360} 70% 50%)`;
      context.fillRect((column * width) / 16, 0, width / 16 + 1, height);
    }
  };
  draw();
  setInterval(draw, 100);
  return canvas.captureStream(10).getVideoTracks()[0];
}

/** How much of what is shown are the upright stripes of makePicture(): 1 all of it; 0 nothing, also where there is no picture. */
function stripes(source) {
  const element = [...elements].find(([remote]) => remote.source === source)?.[1];
  if (!element?.videoWidth) return 0;
  const [width, height] = [64, 36];
  const context = new OffscreenCanvas(width, height).getContext('2d');
  context.drawImage(element, 0, 0, width, height);
  const { data } = context.getImageData(0, 0, width, height);
  const green = (x, y) => data[(y * width + x) * 4 + 1];
  const mean = (count, termOf) => Array.from({ length: count }, (_, at) => termOf(at)).reduce((a, b) => a + b) / count;
  const ofColumn = Array.from({ length: width }, (_, x) => mean(height, (y) => green(x, y)));
  const ofAll = mean(width, (x) => ofColumn[x]);
  const between = mean(width, (x) => (ofColumn[x] - ofAll) ** 2);
  const within = mean(width, (x) => mean(height, (y) => (green(x, y) - ofColumn[x]) ** 2));
  return between + within < 1 ? 0 : between / (between + within);
}

async function publish(source, options = {}) {
  const track = source === 'microphone' ? await makeTone() : makePicture(options);
  const { producerId } = await room.publish(track, { source, ...options });
  return producerId;
}

const entriesOf = async (track, type) => [...(await track.getStats()).values()].filter((entry) => entry.type === type);

/** What comes in of each remote track, by its sender and its source. */
async function received() {
  const tracks = {};
  for (const remote of room.remoteTracks.values()) {
    for (const entry of await entriesOf(remote, 'inbound-rtp')) {
      tracks[`${remote.peerId} ${remote.source}`] = {
        packets: entry.packetsReceived,
        frames: entry.framesDecoded ?? 0,
        height: entry.frameHeight ?? 0,
        energy: entry.totalAudioEnergy ?? 0,
      };
    }
  }
  return tracks;
}

/** Each layer of a track that is sent, with its codec. */
async function sent(source) {
  const report = await room.localTracks.get(source).getStats();
  return [...report.values()]
    .filter(({ type }) => type === 'outbound-rtp')
    .map(({ rid = '', packetsSent, keyFramesEncoded = 0, codecId }) => ({
      rid,
      packets: packetsSent,
      keyFrames: keyFramesEncoded,
      codec: report.get(codecId)?.mimeType,
    }));
}

/** What a call comes to: `ok`, or the reason of its refusal. */
const outcome = (promise) =>
  promise.then(
    () => 'ok',
    ({ reason, details }) => [reason, ...Object.values(details)].join(' '),
  );

globalThis.e2eePeer = {
  join,
  publish,
  received,
  stripes,
  sent,
  tryJoin: (options) => outcome(join(options)),
  tryPublish: (source, options) => outcome(publish(source, options)),
  tryRecording: () => outcome(room.startRecording()),
  setKey: (index, key, options) => room.e2ee.setKey(index, Uint8Array.from(key), options),
  keyIndex: () => room.e2ee.keyIndex,
  counts: () => room.e2ee.counts(),
  told: () => told,
  captured: () => captured,
  setPaused: (source, paused) => room.localTracks.get(source)[paused ? 'pause' : 'resume'](),
  setView: (source, view) => {
    for (const remote of room.remoteTracks.values()) if (remote.source === source) remote.setView(view);
  },
};
