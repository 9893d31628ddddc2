// WebRTC for Node: libwebrtc by @roamhq/wrtc, under the same media library as in browsers.

import wrtc from '@roamhq/wrtc';
import { Device } from 'mediasoup-client';

/** For `device` of the client's options. */
export function createWrtcDevice(): Device {
  const { MediaStream, MediaStreamTrack, RTCPeerConnection, RTCSessionDescription, RTCIceCandidate } = wrtc;
  Object.assign(globalThis, {
    MediaStream,
    MediaStreamTrack,
    RTCPeerConnection,
    RTCSessionDescription,
    RTCIceCandidate,
  });
  return new Device({ handlerName: 'Chrome111' });
}
