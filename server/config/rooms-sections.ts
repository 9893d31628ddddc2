import { defaultCallOptions } from '../../signaling/calls/call-limits.ts';
import { integer, oneOf, section, yesOrNo } from './option.ts';

const dayMs = 86_400_000;

export const roomsSection = section('Rooms are made when somebody joins and closed when nobody is left.', {
  maxRooms: integer({
    default: 10_000,
    min: 1,
    max: 1_000_000,
    about: 'Rooms open at once. Beyond that: TOO_MANY_ROOMS.',
  }),
  maxPeers: integer({
    default: 1_000,
    min: 1,
    max: 100_000,
    about: 'Peers in one room; whoever makes a room may ask for less. Beyond that: ROOM_FULL.',
  }),
  maxPeersPerIdentity: integer({
    default: 10,
    min: 1,
    max: 100_000,
    about:
      'Peers of one identity in one room. Beyond that, and in a full room, the one of its own that has been away longest makes room; without one: TOO_MANY_PEERS_OF_IDENTITY.',
  }),
  idleTimeoutMs: integer({
    default: 60_000,
    min: 0,
    max: dayMs,
    unit: 'ms',
    about: 'How long a room stays with nobody in it. What it knows (options, who was removed) is gone after that.',
  }),
  maxRemovedIdentities: integer({
    default: 1_000,
    min: 1,
    max: 100_000,
    about: 'Identities that one room remembers as removed. Beyond that the oldest is forgotten, and may join again.',
  }),
  direct: oneOf(['never', 'auto'] as const, {
    default: 'never',
    about:
      'Whether two people who are alone in a room may send to each other without the server; whoever makes a room may say otherwise. auto: each learns the addresses of the other (docs/direct-calls.md).',
  }),
  e2ee: oneOf(['never', 'moderators', 'anybody', 'always'] as const, {
    default: 'anybody',
    about:
      'Who may open a room whose tracks are end-to-end encrypted (docs/e2ee.md). never: the wish is passed over, and the SDK of whoever made it does not stay. always: every room is.',
  }),
});

export const sessionsSection = section(
  'A session outlives its connection, so that a lost network is not a lost call.',
  {
    maxPerIdentity: integer({
      default: 20,
      min: 1,
      max: 100_000,
      about:
        'Sessions of one identity. Beyond that the one that has been away longest ends; without one: TOO_MANY_SESSIONS.',
    }),
    maxRooms: integer({
      default: 50,
      min: 1,
      max: 1_000,
      about: 'Rooms that one session may be in. Beyond that: TOO_MANY_ROOMS_JOINED.',
    }),
    resumeGraceMs: integer({
      default: 30_000,
      min: 0,
      max: 3_600_000,
      unit: 'ms',
      about: 'How long a session waits for its client to come back. Others see its peers as away for so long.',
    }),
    tokenWarningMs: integer({
      default: 60_000,
      min: 1_000,
      max: 3_600_000,
      unit: 'ms',
      about: 'How long before a token expires its client is asked for a fresh one.',
    }),
    connectTimeoutMs: integer({
      default: 10_000,
      min: 100,
      max: 120_000,
      unit: 'ms',
      about: 'Within this time session.connect must come, or the connection is closed with CONNECT_TIMEOUT.',
    }),
    callTimeoutMs: integer({
      default: 10_000,
      min: 100,
      max: 120_000,
      unit: 'ms',
      about: 'Calls that take longer fail with CALL_TIMEOUT, where the contract gives the method no time of its own.',
    }),
    pingIntervalMs: integer({
      default: 15_000,
      min: 1_000,
      max: 600_000,
      unit: 'ms',
      about:
        'What clients are told to ping at. Keep it below half of gateway.idleTimeoutSeconds and of any proxy’s timeout.',
    }),
  },
);

export const callsSection = section('Calls between people (docs/calls.md).', {
  ringMs: integer({
    default: defaultCallOptions.ringMs,
    min: 1_000,
    max: 180_000,
    unit: 'ms',
    about: 'How long it rings where whoever calls does not say.',
  }),
  maxCalls: integer({
    default: defaultCallOptions.maxCalls,
    min: 1,
    max: 100_000,
    about: 'Calls that were started on this node and go on. Beyond that: CALL_LIMIT.',
  }),
  maxPerIdentity: integer({
    default: defaultCallOptions.maxPerIdentity,
    min: 1,
    max: 1_000,
    about: 'Calls that one user is in or is rung for. Beyond that: CALL_LIMIT.',
  }),
});

export const chatSection = section('Messages and the log of each room, and the plain chat on /chat.', {
  allowGuests: yesOrNo({
    default: false,
    devDefault: true,
    about:
      'Lets plain chat clients in without a token, with join, chat and history in every room; a guest that is removed can come back. Off: GUESTS_NOT_ALLOWED.',
  }),
  presenceGraceMs: integer({
    default: 5_000,
    min: 0,
    max: 600_000,
    unit: 'ms',
    about: 'How long somebody may be gone before the log of the room says that they left: a reload is no leaving.',
  }),
  callEndGraceMs: integer({
    default: 10_000,
    min: 0,
    max: 600_000,
    unit: 'ms',
    about: 'How long a call may be without tracks before the log of the room says that it ended.',
  }),
  retentionMs: integer({
    default: 0,
    min: 0,
    max: 100 * 365 * dayMs,
    unit: 'ms',
    about: 'Records older than this are forgotten; a room’s own settings may ask for less. 0: none.',
  }),
  retentionRecords: integer({
    default: 0,
    min: 0,
    max: 10_000_000,
    about: 'Records that a room keeps, the newest ones; its own settings may ask for less. 0: all.',
  }),
  coalesceMs: integer({
    default: 10,
    min: 0,
    max: 1_000,
    unit: 'ms',
    about:
      'How long messages of a large room may wait to share a frame; the first after a pause goes at once. 0: each turn of the event loop has its own.',
  }),
});

export const storeSection = section('Where the logs of rooms are kept.', {
  engine: oneOf(['sqlite', 'memory'] as const, {
    default: 'sqlite',
    about: 'sqlite: a database in dataDir. memory: nothing outlives the process, which each acknowledgement then says.',
  }),
  durability: oneOf(['disk', 'process'] as const, {
    default: 'disk',
    about:
      'What an acknowledged message survives. disk: a power failure. process: a crash of the server, not of the machine. Of sqlite; memory has neither.',
  }),
});
