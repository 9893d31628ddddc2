import type { EventName } from '../../../proto/gen/types.ts';

const eventNames: Readonly<Record<EventName, true>> = {
  peersJoined: true,
  peersLeft: true,
  peerChanged: true,
  chatMessage: true,
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
};

/** Whether this SDK knows the event; the type holds the list complete. */
export function isEventName(name: string): name is EventName {
  return Object.hasOwn(eventNames, name);
}
