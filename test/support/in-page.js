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
    const plain = { autoGainControl: false, echoCancellation: false, noiseSuppression: false };
    devices.getUserMedia = ({ audio, video }) =>
      getUserMedia({
        audio: audio && globalThis.parleyPlainSound ? { ...(audio === true ? {} : audio), ...plain } : audio,
        video: video && { ...video, ...(globalThis.parleyCamera ?? smallCamera) },
      });
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

  /**
   * What comes in over all connections, mixed as a person hears it: the level in dB of full scale, and of each frequency its
   * share of that in dB.
   */
  async function tones(frequencies, ms) {
    const context = new AudioContext();
    await context.resume();
    const analyser = new AnalyserNode(context, { fftSize: 8192, smoothingTimeConstant: 0 });
    for (const connection of connections) {
      if (connection.connectionState === 'closed') continue;
      for (const { track } of connection.getReceivers()) {
        if (track?.kind !== 'audio' || track.readyState !== 'live') continue;
        context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
      }
    }
    const hertzOfBin = context.sampleRate / analyser.fftSize;
    const decibels = new Float32Array(analyser.frequencyBinCount);
    const powers = new Float64Array(decibels.length);
    let looks = 0;
    for (const endMs = performance.now() + ms; performance.now() < endMs; looks += 1) {
      await new Promise((resolve) => setTimeout(resolve, 90));
      analyser.getFloatFrequencyData(decibels);
      decibels.forEach((decibel, bin) => {
        powers[bin] += 10 ** (decibel / 10);
      });
    }
    await context.close();
    const sum = (from, to) => powers.slice(Math.max(from, 0), to).reduce((all, power) => all + power, 0);
    const total = sum(0, powers.length);
    const shares = frequencies.map((hertz) => {
      const bin = Math.round(hertz / hertzOfBin);
      return 10 * Math.log10(sum(bin - 4, bin + 5) / total);
    });
    return { levelDb: 10 * Math.log10(total / Math.max(looks, 1)), shares };
  }

  globalThis.parleyTest = { received, sentLayers, sounds, tones, ways };
}
