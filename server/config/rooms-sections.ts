import { integer, section, yesOrNo } from './option.ts';

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

export const chatSection = section('The plain chat on /chat, for clients of a few lines.', {
  allowGuests: yesOrNo({
    default: false,
    devDefault: true,
    about:
      'Lets plain chat clients in without a token, with join and chat in every room; a guest that is removed can come back. Off: GUESTS_NOT_ALLOWED.',
  }),
});
