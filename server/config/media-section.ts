import { isIP } from 'node:net';
import { integer, isHost, section, share, text, textThat, yesOrNo } from './option.ts';

export const mediaSection = section('Sound and pictures: the mediasoup workers and how clients reach them.', {
  workers: integer({
    default: 0,
    min: 0,
    max: 256,
    about: 'Worker processes. 0: one for each core less one, at least one. A worker fills one core.',
  }),
  workerBin: text({
    default: '',
    about: 'The mediasoup worker’s binary. Empty: the one in mediasoup’s package, which the set-up puts there.',
  }),
  listenIp: textThat((value) => isIP(value) !== 0, {
    default: '0.0.0.0',
    devDefault: '127.0.0.1',
    expects: 'an IP address',
    about: 'The address that media is received on.',
  }),
  announcedAddress: textThat((value) => value === '' || isHost(value), {
    default: '',
    expects: 'an address or a host name, or nothing',
    about:
      'The address that clients are told to send media to: the public one of a server behind NAT. Empty: media.listenIp, or the address found on this machine when that is 0.0.0.0 or ::.',
  }),
  port: integer({
    default: 40_000,
    min: 0,
    max: 65_000,
    about:
      'UDP and TCP port of the first worker; the next worker has the next port. Open these in the firewall. 0 takes free ones.',
  }),
  initialOutgoingBitrate: integer({
    default: 1_000_000,
    min: 30_000,
    max: 100_000_000,
    unit: 'bit/s',
    about: 'What each receiving client is assumed to bear until its own reports say better.',
  }),
  maxIncomingBitrate: integer({
    default: 6_000_000,
    min: 100_000,
    max: 1_000_000_000,
    unit: 'bit/s',
    about: 'What each sending client is told to stay under.',
  }),
  maxTransportsPerPeer: integer({
    default: 4,
    min: 1,
    max: 64,
    about: 'WebRTC transports of one peer in one room. Beyond that: TOO_MANY_MEDIA_OBJECTS.',
  }),
  maxProducersPerPeer: integer({
    default: 8,
    min: 1,
    max: 256,
    about: 'Tracks that one peer sends into one room. Beyond that: TOO_MANY_MEDIA_OBJECTS.',
  }),
  maxConsumersPerPeer: integer({
    default: 500,
    min: 1,
    max: 10_000,
    about: 'Tracks that one peer receives of one room. Beyond that: TOO_MANY_MEDIA_OBJECTS.',
  }),
  loudestSpeakers: integer({
    default: 4,
    min: 0,
    max: 64,
    about:
      'How many microphones of a room are heard at once, the loudest ones; the rest are not forwarded until they speak. 0: all are forwarded.',
  }),
  videoLoadLimit: share({
    default: 0.8,
    min: 0.1,
    about:
      'Load of the least loaded worker, as a share of its core, from which on no more video is taken: NODE_OVERLOADED. Calls that go on are not touched.',
  }),
  audioLoadLimit: share({
    default: 0.95,
    min: 0.1,
    about: 'The same for everything else: sound and transports. At least media.videoLoadLimit.',
  }),
  dynacast: yesOrNo({
    default: true,
    about: 'Tells senders which layers of their pictures anybody shows, so that they need not send the others.',
  }),
  statsReadsPerSecond: integer({
    default: 200,
    min: 0,
    max: 5_000,
    unit: 'per second',
    about:
      'Tracks whose counters are read a second, for the quality of calls and for mending tracks that do not flow. With more tracks each is read less often. 0: none.',
  }),
  maxDataMessageBytes: integer({
    default: 16_384,
    min: 1,
    max: 262_144,
    unit: 'bytes',
    about: 'The largest message of a data channel. A larger one is dropped.',
  }),
  dataMessagesPerSecond: integer({
    default: 50,
    min: 1,
    max: 1_000,
    unit: 'per second',
    about: 'Messages that one peer may send on its data channels; twice as many at once. What is over it is dropped.',
  }),
});
