import { integer, isOrigin, listOf, section, yesOrNo } from './option.ts';

export const ingestSection = section('Sending and playing over HTTP: WHIP (RFC 9725) and WHEP.', {
  whip: yesOrNo({ default: true, about: 'Takes what OBS, GStreamer and others send to POST /whip/{room}.' }),
  whep: yesOrNo({ default: true, about: 'Lets players receive from POST /whep/{room}.' }),
  allowedOrigins: listOf({
    default: [],
    expects: 'origins as in https://chat.example.org, or *',
    check: isOrigin,
    about: 'Pages on other hosts that may use them. Empty: those of gateway.allowedOrigins.',
  }),
  maxSessions: integer({
    default: 200,
    min: 1,
    max: 100_000,
    about: 'WHIP and WHEP sessions at once. Beyond that: RATE_LIMITED.',
  }),
  whepMaxProfiles: integer({
    default: 4,
    min: 1,
    max: 64,
    about:
      'Different sets of payload types that players of one room may offer: each costs a router of its own. Browsers of one kind offer the same. Beyond that: 406.',
  }),
});
