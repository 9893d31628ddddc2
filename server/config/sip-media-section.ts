import { integer, isHost, section, textThat } from './option.ts';

export const sipMediaSection = section('The sound of phones. See docs/phone-media.md.', {
  threads: integer({
    default: 0,
    min: 0,
    max: 64,
    about: 'Threads that mix what phones hear. 0: one per core less one, at least one.',
  }),
  listenIp: textThat(isHost, {
    default: '0.0.0.0',
    expects: 'an address of this machine',
    about: 'What the sockets of phones listen on. 0.0.0.0 is for phones of IPv4 alone, :: for those of IPv4 and IPv6.',
  }),
  announcedAddress: textThat((value) => value === '' || isHost(value), {
    default: '',
    expects: 'an address that phones reach',
    about:
      'Where phones are told to send sound. Empty: the listen address, or the detected one when that is 0.0.0.0 or ::. Needed behind a router that translates addresses.',
  }),
  portMin: integer({
    default: 20_000,
    min: 1024,
    max: 65_534,
    about: 'The first UDP port for phones. Each has an even one, and the next for RTCP.',
  }),
  portMax: integer({ default: 29_999, min: 1025, max: 65_535, about: 'The last UDP port for phones.' }),
  maxLateMs: integer({
    default: 30,
    min: 1,
    max: 1_000,
    unit: 'ms',
    about:
      'New phones get 503 where one of a hundred ticks of every thread comes later than that. Jitter buffers of phones start at 40 ms, and hide less than they hold.',
  }),
  silenceTimeoutMs: integer({
    default: 30_000,
    min: 1_000,
    max: 3_600_000,
    unit: 'ms',
    about:
      'A call that is not on hold ends where nothing came of its phone for so long: one that vanished says no BYE. Comfort noise and RTCP count as well. Phones that send nothing while nobody speaks need more.',
  }),
});
