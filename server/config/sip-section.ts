import { Type } from 'typebox';
import { isAdvertisement } from '../../sip/advertisement.ts';
import { defenceOptions } from '../../sip/agent/defence/defence-options.ts';
import { messageLimits } from '../../sip/agent/messages/limits.ts';
import { transportLimits } from '../../sip/agent/transports/listen.ts';
import { keepAliveSeconds } from '../../sip/agent/user-agent/keep-alives.ts';
import {
  integer,
  isAddressOrBlock,
  isHost,
  isOrigin,
  listOf,
  oneOf,
  section,
  text,
  textThat,
  yesOrNo,
} from './option.ts';
import { sipMediaSection } from './sip-media-section.ts';

const { rate, ban, load, trusted, scanners } = defenceOptions;

const listen = Type.Object(
  {
    protocol: oneOf(['UDP', 'TCP', 'TLS', 'WS', 'WSS'] as const, { default: 'UDP', about: 'How others connect.' }),
    address: textThat(isHost, {
      default: '0.0.0.0',
      expects: 'an address of this machine',
      about: 'The address to listen on; 0.0.0.0 and :: are all of IPv4 and of IPv6.',
    }),
    port: integer({ default: 5060, min: 0, max: 65_535, about: 'The port. 0 takes a free one.' }),
    advertise: listOf({
      default: [],
      expects: 'addresses as in 203.0.113.7, 203.0.113.7:5060 or 10.0.0.5 for 10.0.0.0/8',
      check: isAdvertisement,
      about:
        'What others are told to send to, the first that is for them. Empty: the address itself. Needed behind a router that translates addresses.',
    }),
    certFile: text({ default: '', about: 'TLS and WSS: PEM file with the certificate chain.' }),
    keyFile: text({ default: '', about: 'TLS and WSS: PEM file with its private key.' }),
    caFile: text({
      default: '',
      about: 'TLS: PEM file with who signs the other sides. Empty: whom the system trusts.',
    }),
    origins: listOf({
      default: [],
      expects: 'origins as in https://phone.example.org, or *',
      check: isOrigin,
      about: 'WS and WSS: pages that may connect. Empty: none; programs that are no page always may.',
    }),
  },
  { additionalProperties: false },
);

const network = { expects: 'addresses or CIDR blocks as in 10.0.0.0/8', check: isAddressOrBlock } as const;

export const sipSection = section('Telephony: the SIP agent inside the server. See docs/sip.md.', {
  enabled: yesOrNo({ default: false, about: 'Listens for SIP. Off: no port is opened.' }),
  listen: Type.Array(listen, {
    default: [
      {
        protocol: 'UDP',
        address: '0.0.0.0',
        port: 5060,
        advertise: [],
        certFile: '',
        keyFile: '',
        caFile: '',
        origins: [],
      },
      {
        protocol: 'TCP',
        address: '0.0.0.0',
        port: 5060,
        advertise: [],
        certFile: '',
        keyFile: '',
        caFile: '',
        origins: [],
      },
    ],
    maxItems: 32,
    expects: 'a list of sockets, each with protocol, address and port',
    about: 'What is listened on.',
  }),
  planFile: text({
    default: '',
    about:
      'YAML file with users, trunks and what calls lead to: docs/dial-plan.md. Read again when it changes. Empty: calls get 503.',
  }),
  promptsFolder: text({
    default: '',
    about:
      'Folder with WAV files that callers hear in place of the shipped ones of the same names. Empty: the shipped ones.',
  }),
  allow: listOf({ ...network, default: [], about: 'Who may speak SIP to this server. Empty: everybody.' }),
  deny: listOf({ ...network, default: [], about: 'Who may not, even if allowed. They get no answer.' }),
  trusted: listOf({
    ...network,
    default: [...trusted],
    about: 'Trunks and proxies: neither banned nor held to sip.rate, for many people speak through each of them.',
  }),
  scanners: listOf({
    default: [...scanners],
    expects: 'what a User-Agent begins with',
    check: (value) => value.trim() !== '',
    about: 'Programs that look for open servers. They get no answer, and a ban when they go on.',
  }),
  rate: section('Requests of one source: an IPv4 address, or a /64 of IPv6.', {
    perSecond: integer({
      default: rate.perSecond,
      min: 1,
      max: 1_000_000,
      unit: 'per second',
      about:
        'How many in the long run. Beyond that: 503 with Retry-After; beyond eight times as many messages, nothing of it is read.',
    }),
    burst: integer({ default: rate.burst, min: 1, max: 1_000_000, about: 'How many at once before the rate holds.' }),
  }),
  ban: section('Sources that send what is no SIP, guess passwords or scan. They get no answer for a while.', {
    offences: integer({
      default: ban.offences,
      min: 0,
      max: 10_000,
      about: 'So many are too many. 0: nobody is banned.',
    }),
    withinSeconds: integer({
      default: ban.withinMs / 1_000,
      min: 1,
      max: 86_400,
      unit: 's',
      about: 'Within how long.',
    }),
    forSeconds: integer({
      default: ban.forMs / 1_000,
      min: 1,
      max: 604_800,
      unit: 's',
      about: 'How long a ban lasts.',
    }),
  }),
  load: section('How much there may be at once. New work beyond it gets 503 with Retry-After; what runs goes on.', {
    calls: integer({ default: load.calls, min: 1, max: 100_000, about: 'Calls at once.' }),
    callsPerSecond: integer({
      default: load.callsPerSecond,
      min: 1,
      max: 10_000,
      unit: 'per second',
      about: 'Calls that begin.',
    }),
    dialogs: integer({
      default: load.dialogs,
      min: 1,
      max: 400_000,
      about: 'Dialogs: a call has one, and one for each phone that rings.',
    }),
    transactions: integer({
      default: load.transactions,
      min: 1,
      max: 90_000,
      about: 'Requests that are being answered, or were in the last half minute.',
    }),
    retryAfterSeconds: integer({
      default: load.retryAfterSeconds,
      min: 1,
      max: 3_600,
      unit: 's',
      about: 'When those who got 503 may try again.',
    }),
  }),
  limits: section('How much one message, and one source, may take.', {
    headBytes: integer({
      default: messageLimits.headBytes,
      min: 4_096,
      max: 262_144,
      unit: 'bytes',
      about: 'First line and header fields of a message. A longer one is dropped, and ends its connection.',
    }),
    bodyBytes: integer({
      default: messageLimits.bodyBytes,
      min: 4_096,
      max: 524_288,
      unit: 'bytes',
      about:
        'Body of a message. A longer one is 413 in a datagram, which holds 65,507 bytes in all, and ends a connection.',
    }),
    fieldBytes: integer({
      default: messageLimits.fieldBytes,
      min: 1_024,
      max: 65_536,
      unit: 'bytes',
      about: 'One header field, with the lines that it goes on in. A message with a longer one is 413.',
    }),
    fields: integer({
      default: messageLimits.fields,
      min: 32,
      max: 2_048,
      about: 'Header fields of a message. One with more is 413.',
    }),
    connections: integer({
      default: transportLimits.connections,
      min: 1,
      max: 100_000,
      about: 'Connections to one socket of sip.listen. Further ones are closed.',
    }),
    connectionsPerSource: integer({
      default: transportLimits.connectionsPerSource,
      min: 1,
      max: 100_000,
      about: 'Of one address. A proxy that opens one for each phone needs as many.',
    }),
  }),
  keepAliveSeconds: integer({
    default: keepAliveSeconds,
    min: 0,
    max: 500,
    unit: 's',
    about:
      'The longest time between two keep-alives of a connection that the server opened and a call or registration uses. 0: none are sent.',
  }),
  media: sipMediaSection,
  trace: section('Messages of the newest calls, for `parley sip trace`. In memory, without passwords, keys and PINs.', {
    enabled: yesOrNo({ default: true, about: 'Keeps them.' }),
    calls: integer({
      default: 2_000,
      min: 1,
      max: 100_000,
      about: 'Of how many calls; the quietest is forgotten first.',
    }),
    messagesPerCall: integer({ default: 256, min: 8, max: 4_096, about: 'Of more the oldest go, but for the first.' }),
    bytes: integer({
      default: 67_108_864,
      min: 1_048_576,
      max: 4_294_967_296,
      unit: 'bytes',
      about: 'Of all of them together.',
    }),
  }),
  drachtio: section('A drachtio-server of its own, for those who outgrow the agent inside.', {
    host: text({ default: '', about: 'Where it listens for applications. Empty: the agent inside is used.' }),
    port: integer({ default: 9022, min: 1, max: 65_535, about: 'Its port for applications.' }),
    secret: text({ default: '', secret: true, about: 'What applications authenticate with.' }),
    tls: yesOrNo({
      default: false,
      about: 'Connects by TLS, each time. The certificate of the server must name sip.drachtio.host.',
    }),
    caFile: text({ default: '', about: 'PEM file with who signs its certificate. Empty: whom the system trusts.' }),
  }),
});
