// Runs in a page: a client that knows session descriptions and nothing of this server. Plain JavaScript: nothing compiles
// it on its way there.

{
  const connections = new Map();

  async function described(connection) {
    await connection.setLocalDescription();
    return connection.localDescription.sdp;
  }

  function open(name) {
    const connection = new RTCPeerConnection();
    connections.set(name, connection);
    connection.ontrack = ({ track }) => {
      const element = document.createElement(track.kind);
      element.muted = track.kind === 'video';
      element.autoplay = true;
      element.srcObject = new MediaStream([track]);
      document.body.append(element);
    };
    return connection;
  }

  /** Sends the camera and the microphone. @returns the offer */
  async function publish(name) {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true, video: true });
    const connection = open(name);
    for (const track of stream.getTracks())
      connection.addTransceiver(track, { direction: 'sendonly', streams: [stream] });
    return described(connection);
  }

  /** 640x360, ten times a second another. */
  function movingPicture() {
    const canvas = document.createElement('canvas');
    canvas.width = 640;
    canvas.height = 360;
    const context = canvas.getContext('2d');
    let frame = 0;
    setInterval(() => {
      frame += 1;
      context.fillStyle = `hsl(${(frame * 20) % 360} 80% 50%)`;
      context.fillRect((frame * 40) % canvas.width, 0, 80, canvas.height);
    }, 100);
    return canvas.captureStream(10).getVideoTracks()[0];
  }

  /** Sends a picture in two layers; browsers send no layers of the small pictures that tests have for cameras. */
  function publishLayers(name) {
    const connection = open(name);
    const sendEncodings = [{ rid: 'low', scaleResolutionDownBy: 2 }, { rid: 'high' }];
    connection.addTransceiver(movingPicture(), { direction: 'sendonly', sendEncodings });
    return described(connection);
  }

  /** Sends a picture in this codec alone, as in `video/AV1`. */
  function publishIn(name, mimeType) {
    const connection = open(name);
    const transceiver = connection.addTransceiver(movingPicture(), { direction: 'sendonly' });
    const { codecs } = RTCRtpSender.getCapabilities('video');
    transceiver.setCodecPreferences(codecs.filter((codec) => codec.mimeType === mimeType));
    return described(connection);
  }

  /** @returns an offer of as many sections as there are directions, as in `audio sendonly` */
  function offer(name, sections) {
    const connection = open(name);
    for (const section of sections) {
      const [kind, direction] = section.split(' ');
      if (kind === 'data') connection.createDataChannel('x');
      else connection.addTransceiver(kind, { direction });
    }
    return described(connection);
  }

  const offerAgain = (name) => described(connections.get(name));

  /** @returns an offer with other ICE credentials */
  function restart(name) {
    connections.get(name).restartIce();
    return offerAgain(name);
  }

  function change(name, index, direction) {
    const transceiver = connections.get(name).getTransceivers()[index];
    if (direction === 'stopped') transceiver.stop();
    else transceiver.direction = direction;
  }

  async function take(name, sdp) {
    await connections.get(name).setRemoteDescription({ type: 'answer', sdp });
  }

  /** @returns the answer to an offer of the server's */
  async function answer(name, sdp) {
    const connection = connections.get(name) ?? open(name);
    await connection.setRemoteDescription({ type: 'offer', sdp });
    return described(connection);
  }

  const directions = (name) =>
    connections
      .get(name)
      .getTransceivers()
      .map((each) => each.currentDirection);

  /** Frames and bits of sound that came in so far, by mid. */
  async function received(name) {
    const amounts = {};
    for (const report of (await connections.get(name).getStats()).values()) {
      if (report.type !== 'inbound-rtp') continue;
      amounts[report.mid] = report.kind === 'video' ? report.framesDecoded : report.totalAudioEnergy;
    }
    return amounts;
  }

  /** Of the picture that came last; 0 before any did. */
  async function width(name) {
    for (const report of (await connections.get(name).getStats()).values()) {
      if (report.type === 'inbound-rtp' && report.kind === 'video') return report.frameWidth ?? 0;
    }
    return 0;
  }

  function close(name) {
    connections.get(name)?.close();
    connections.delete(name);
  }

  globalThis.sdpPeer = {
    publish,
    publishLayers,
    publishIn,
    offer,
    offerAgain,
    restart,
    change,
    take,
    answer,
    directions,
    received,
    width,
    close,
  };
}
