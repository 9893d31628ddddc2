import type { EventName } from '../../../proto/gen/types.ts';

const eventNames: Readonly<Record<EventName, true>> = {
  peersJoined: true,
  peersLeft: true,
  peerChanged: true,
  logRecords: true,
  producerAdded: true,
  producerChanged: true,
  producerClosed: true,
  consumerClosed: true,
  consumerLayersChanged: true,
  activeSpeakerChanged: true,
  mediaReset: true,
  transportClosed: true,
  roomLeft: true,
  tokenExpiring: true,
  sessionClosing: true,
  typingChanged: true,
  markersChanged: true,
  logGap: true,
  directOpened: true,
  mentioned: true,
  producerLayerWanted: true,
  speakersChanged: true,
  sdpOffer: true,
  mediaModeChanged: true,
  directSignal: true,
  qualityChanged: true,
  recordingChanged: true,
  sdpClosed: true,
  storeChanged: true,
  moveRequested: true,
  callIncoming: true,
  callChanged: true,
  callEnded: true,
  phoneDigit: true,
  handRaised: true,
  unmuteRequested: true,
};

/** Whether this SDK knows the event; the type holds the list complete. */
export function isEventName(name: string): name is EventName {
  return Object.hasOwn(eventNames, name);
}
