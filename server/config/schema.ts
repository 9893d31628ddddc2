// Every option there is. The loader, `parley config` and docs/configuration.md are made from this.

import type { Static } from 'typebox';
import { clusterSection, nodeSection, redisSection } from './cluster-section.ts';
import { gatewaySection } from './gateway-section.ts';
import { identitySection } from './identity-section.ts';
import { ingestSection } from './ingest-section.ts';
import { mediaSection } from './media-section.ts';
import { integer, isAddressOrBlock, listOf, oneOf, section, text, yesOrNo } from './option.ts';
import { qualitySection } from './quality-section.ts';
import { recordingSection } from './recording-section.ts';
import { callsSection, chatSection, roomsSection, sessionsSection, storeSection } from './rooms-sections.ts';
import { sipSection } from './sip-section.ts';
import { turnSection } from './turn-section.ts';

export const configSchema = section('Options of Parley.', {
  dev: yesOrNo({
    default: false,
    about:
      'For development: makes a secret in dataDir and gives guest tokens to anybody at POST /api/v1/tokens. Listens on loopback only.',
  }),
  dataDir: text({
    default: './data',
    about: 'The folder of what the server keeps. Relative to the folder that it is started in.',
  }),
  log: section('What is written to standard output.', {
    level: oneOf(['debug', 'info', 'warn', 'error'], { default: 'info', about: 'The least important lines to write.' }),
    format: oneOf(['auto', 'json', 'text'], {
      default: 'auto',
      devDefault: 'text',
      about: 'One JSON object a line, or text for people. auto: text on a terminal, JSON elsewhere.',
    }),
  }),
  gateway: gatewaySection,
  identity: identitySection,
  rooms: roomsSection,
  calls: callsSection,
  sessions: sessionsSection,
  chat: chatSection,
  store: storeSection,
  redis: redisSection,
  node: nodeSection,
  cluster: clusterSection,
  media: mediaSection,
  turn: turnSection,
  ingest: ingestSection,
  recording: recordingSection,
  quality: qualitySection,
  sip: sipSection,
  metrics: section('Who may read GET /metrics. Either is enough.', {
    allowedAddresses: listOf({
      default: ['127.0.0.0/8', '::1/128'],
      expects: 'addresses or CIDR blocks as in 10.0.0.0/8',
      check: isAddressOrBlock,
      about:
        'Addresses that may read it. A request counts as none of them when it comes through a proxy that is not trusted, or from a trusted one that does not name the client.',
    }),
    token: text({
      default: '',
      secret: true,
      about: 'Whoever sends `Authorization: Bearer` with this may read it too. Empty: nobody.',
    }),
  }),
  shutdown: section('How the server stops.', {
    drainMs: integer({
      default: 10_000,
      devDefault: 0,
      min: 0,
      max: 3_600_000,
      unit: 'ms',
      about: 'How long sessions may go on after the first SIGTERM or SIGINT; the second one stops at once.',
    }),
    moveStaggerMs: integer({
      default: 50,
      min: 1,
      max: 10_000,
      unit: 'ms',
      about:
        'In a cluster clients are asked to go on at another node, so long after each other; less when the time is short for so many.',
    }),
  }),
});

type Frozen<Value> = Value extends readonly (infer Item)[]
  ? readonly Frozen<Item>[]
  : Value extends object
    ? { readonly [Key in keyof Value]: Frozen<Value[Key]> }
    : Value;

/** The effective options: complete, valid and frozen. */
export type Config = Frozen<Static<typeof configSchema>>;

/** Some options, as a test or a file gives them. */
export type PartialConfig<Whole = Config> = {
  readonly [Key in keyof Whole]?: Whole[Key] extends readonly unknown[]
    ? Whole[Key]
    : Whole[Key] extends object
      ? PartialConfig<Whole[Key]>
      : Whole[Key];
};
