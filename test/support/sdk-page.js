// Runs in a page: somebody in a room by the SDK. Plain JavaScript: nothing compiles it on its way there.

import { createClient } from '/sdk.js';

const connections = new Set();
let mediaPort = 0;

/** Keeps connections, and sends media by another port than the server tells: where a test has put a bad network. */
globalThis.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(...args) {
    super(...args);
    connections.add(this);
  }

  setRemoteDescription({ type, sdp }) {
    return super.setRemoteDescription({ type, sdp: mediaPort === 0 ? sdp : throughPort(sdp) });
  }
};

const throughPort = (sdp) =>
  sdp
    .replace(/^a=candidate:\S+ \d+ tcp .*\r\n/gim, '')
    .replace(/^(a=candidate:\S+ \d+ udp \d+ \S+) \d+/gim, `$1 ${mediaPort}`);

let room;
const elements = new Map();
const data = [];

function play(remote) {
  const element = document.createElement(remote.track.kind);
  element.autoplay = true;
  element.muted = remote.track.kind === 'video';
  element.srcObject = new MediaStream([remote.track]);
  document.body.append(element);
  elements.set(remote, element);
}

/** @param options `port`: that media goes to */
async function join({ url, token, name, port = 0 }) {
  mediaPort = port;
  const client = createClient({ url, token: () => token });
  await client.connect();
  room = await client.join(name);
  for (const remote of room.remoteTracks.values()) play(remote);
  room.on('trackAdded', play);
  room.on('trackChanged', (remote) => {
    const element = elements.get(remote);
    if (element && element.srcObject.getTracks()[0] !== remote.track)
      element.srcObject = new MediaStream([remote.track]);
  });
  room.on('trackRemoved', (remote) => {
    elements.get(remote)?.remove();
    elements.delete(remote);
  });
  room.data.on('message', ({ topic, payload }) => data.push([topic, new TextDecoder().decode(payload)]));
  return room.peerId;
}

/** A tone without end: whatever is not heard of it was lost. */
async function makeTone() {
  // Where there is no sound card, Firefox's AudioContext never runs. Its made-up microphone is such a tone; Chromium's beeps.
  if (navigator.userAgent.includes('Firefox')) {
    return (await navigator.mediaDevices.getUserMedia({ audio: true })).getAudioTracks()[0];
  }
  const context = new AudioContext();
  await context.resume();
  const oscillator = new OscillatorNode(context, { frequency: 440 });
  const destination = context.createMediaStreamDestination();
  oscillator.connect(new GainNode(context, { gain: 0.3 })).connect(destination);
  oscillator.start();
  return destination.stream.getAudioTracks()[0];
}

/** `busy`: all of it moves, as a hand-held camera; otherwise some text that a line is added to now and then. */
function makePicture({ width, height, framesPerSecond, busy }) {
  const canvas = Object.assign(document.createElement('canvas'), { width, height });
  const context = canvas.getContext('2d');
  let frame = 0;
  const draw = () => {
    frame += 1;
    if (busy) {
      for (let row = 0; row < 12; row++) {
        for (let column = 0; column < 16; column++) {
          const shade = (row * 37 + column * 101 + frame * 17 * ((row + column) % 5)) % 360;
          context.fillStyle = `hsl(${shade} 70% ${30 + ((frame + row * column) % 40)}%)`;
          context.fillRect((column * width) / 16, (row * height) / 12, width / 16 + 1, height / 12 + 1);
        }
      }
    } else {
      if (frame % 10 === 1) {
        context.fillStyle = '#fff';
        context.fillRect(0, 0, width, height);
      }
      context.fillStyle = '#000';
      context.font = '16px monospace';
      context.fillText(`${frame} The quick brown fox jumps over the lazy dog`, 8, 20 + ((frame % 30) * height) / 32);
    }
  };
  draw();
  setInterval(draw, 1000 / framesPerSecond);
  return canvas.captureStream(framesPerSecond).getVideoTracks()[0];
}

const makers = {
  microphone: makeTone,
  camera: (options) => makePicture({ width: 960, height: 540, framesPerSecond: 10, busy: true, ...options }),
  screen: (options) => makePicture({ width: 1280, height: 720, framesPerSecond: 10, busy: false, ...options }),
};

/** @returns the id of the producer */
async function publish(source, options = {}) {
  const { producerId } = await room.publish(await makers[source](options), { source });
  return producerId;
}

const entriesOf = async (track, type) => [...(await track.getStats()).values()].filter((entry) => entry.type === type);

/** What comes in of each remote track, by its source. */
async function received() {
  const tracks = {};
  for (const remote of room.remoteTracks.values()) {
    for (const entry of await entriesOf(remote, 'inbound-rtp')) {
      if (tracks[remote.source]?.packets > entry.packetsReceived) continue;
      tracks[remote.source] = {
        id: remote.track.id,
        packets: entry.packetsReceived,
        frames: entry.framesDecoded ?? 0,
        height: entry.frameHeight ?? 0,
        energy: entry.totalAudioEnergy ?? 0,
        samples: entry.totalSamplesReceived ?? 0,
        concealed: entry.concealedSamples ?? 0,
      };
    }
  }
  return tracks;
}

/** Each layer of a track that is sent, the lowest first. */
async function sent(source) {
  const entries = await entriesOf(room.localTracks.get(source), 'outbound-rtp');
  return entries
    .map(({ rid = '', packetsSent, frameHeight = 0, framesEncoded = 0 }) => ({
      rid,
      packets: packetsSent,
      height: frameHeight,
      frames: framesEncoded,
    }))
    .sort((one, other) => one.rid.localeCompare(other.rid));
}

/** The credentials of ICE that are in use: others after a restart. */
const credentials = () =>
  [...connections]
    .filter(({ connectionState }) => connectionState !== 'closed')
    .map(({ localDescription }) => /a=ice-ufrag:(\S+)/.exec(localDescription?.sdp ?? '')?.[1] ?? '');

function setView(source, view) {
  for (const remote of room.remoteTracks.values()) if (remote.source === source) remote.setView(view);
}

globalThis.sdkPeer = {
  join,
  publish,
  received,
  sent,
  credentials,
  setView,
  say: (topic, text) => room.data.send(new TextEncoder().encode(text), { topic }),
  heard: () => data,
  mediaState: () => room.mediaState,
  leave: () => room.leave(),
};
