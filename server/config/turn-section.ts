import { integer, listOf, section, text, yesOrNo } from './option.ts';

export const turnSection = section(
  'STUN and TURN servers for clients whose network reaches this server in no other way, as coturn.',
  {
    urls: listOf({
      default: [],
      expects:
        'URLs as in turn:turn.example.org:3478?transport=udp, turns:turn.example.org:443?transport=tcp or stun:…',
      check: isIceUrl,
      about: 'Servers that clients are told of. Empty: none.',
    }),
    secret: text({
      default: '',
      secret: true,
      about: 'What the TURN server has as `static-auth-secret`: credentials are made from it. Empty: clients get none.',
    }),
    ttlSeconds: integer({
      default: 3_600,
      min: 60,
      max: 86_400,
      unit: 's',
      about: 'How long a credential may be used to allocate a relay. Clients get another one before that.',
    }),
    alwaysRelay: yesOrNo({
      default: false,
      about: 'Clients are told to use relays only: for networks that let nothing else out, and for tests.',
    }),
  },
);

/** RFC 7064 and RFC 7065: stun:host, turn:host:port?transport=udp. */
function isIceUrl(value: string): boolean {
  if (/^stuns?:/.test(value)) return /^stuns?:[^\s/?#@]+$/.test(value);
  return /^turns?:[^\s/?#@]+(\?transport=(udp|tcp))?$/.test(value);
}
