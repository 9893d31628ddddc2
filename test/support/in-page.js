// Runs in every page of a test before its own scripts. Plain JavaScript: nothing compiles it on its way there.

{
  const connections = new Set();

  /** Keeps the page's peer connections, to ask them what they receive. */
  globalThis.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...args) {
      super(...args);
      connections.add(this);
    }
  };

  // A small picture, unless a test asks for another one: several pages encode and decode on the few cores that run the tests.
  const smallCamera = { width: 320, height: 180, frameRate: 10 };
  const devices = navigator.mediaDevices;
  const getUserMedia = devices?.getUserMedia.bind(devices);
  if (getUserMedia) {
    devices.getUserMedia = ({ video, ...others }) =>
      getUserMedia({ ...others, video: video && { ...video, ...(globalThis.parleyCamera ?? smallCamera) } });
  }

  /** What comes in over connections that are open: one entry for each track, its amount growing as media flows. */
  async function received() {
    const entries = [];
    for (const connection of connections) {
      if (connection.connectionState === 'closed') connections.delete(connection);
      else {
        for (const report of (await connection.getStats()).values()) {
          if (report.type !== 'inbound-rtp') continue;
          const amount = report.kind === 'video' ? report.framesDecoded : report.totalAudioEnergy;
          const { kind, frameWidth: width = 0, frameHeight: height = 0 } = report;
          entries.push({ id: `${report.ssrc}/${report.trackIdentifier}`, kind, amount: amount ?? 0, width, height });
        }
      }
    }
    return entries;
  }

  /** Packets of each layer of the pictures that are sent, the lowest layer first. */
  async function sentLayers() {
    const layers = [];
    for (const connection of connections) {
      if (connection.connectionState === 'closed') continue;
      for (const { type, kind, rid = '', packetsSent, frameHeight = 0 } of (await connection.getStats()).values()) {
        if (type === 'outbound-rtp' && kind === 'video')
          layers.push({ rid, packets: packetsSent, height: frameHeight });
      }
    }
    return layers.sort((one, other) => one.rid.localeCompare(other.rid));
  }

  /** Which way each open connection takes to the server: udp, tcp or relay. */
  async function ways() {
    const found = [];
    for (const connection of connections) {
      if (connection.connectionState !== 'connected') continue;
      const stats = await connection.getStats();
      for (const { type, selectedCandidatePairId } of stats.values()) {
        if (type !== 'transport') continue;
        const local = stats.get(stats.get(selectedCandidatePairId)?.localCandidateId);
        found.push(local?.candidateType === 'relay' ? 'relay' : local?.protocol);
      }
    }
    return found;
  }

  /** The elements that play voices, as a person hears them. */
  function sounds() {
    return [...document.querySelectorAll('audio')].map(({ muted, paused, volume, dataset }) => ({
      source: dataset.source,
      audible: !muted && !paused && volume > 0,
    }));
  }

  globalThis.parleyTest = { received, sentLayers, sounds, ways };
}
