import { Type } from 'typebox';
import { integer, oneOf, section, text, textThat } from './option.ts';

const algorithms = ['HS256', 'RS256', 'ES256'] as const;

const tokenKey = Type.Object(
  {
    kid: text({ default: 'default', maxLength: 256, about: 'The key’s name: tokens say it in their header as `kid`.' }),
    algorithm: oneOf(algorithms, { default: 'HS256', about: 'The one algorithm that this key verifies.' }),
    secret: text({ default: '', secret: true, about: 'HS256: the secret itself, at least 32 bytes.' }),
    file: text({
      default: '',
      about: 'HS256: a file with the secret. RS256 and ES256: a PEM file with the public key.',
    }),
  },
  { additionalProperties: false },
);

export const identitySection = section('Who may come in: the keys that tokens are verified with. See SECURITY.md.', {
  keys: Type.Array(tokenKey, {
    default: [],
    maxItems: 32,
    expects: 'a list of keys, each with kid, algorithm, and secret or file',
    about: 'Keys that verify tokens. With HS256, `parley token` signs with the first of them.',
  }),
  jwksUrl: textThat(isKeySetUrl, {
    default: '',
    expects: 'an https address (http only on this machine), or nothing',
    about:
      'Address of a JSON Web Key Set. Fetched when needed, kept, and fetched again for a key that is not known yet.',
  }),
  jwksAlgorithms: Type.Array(oneOf(['RS256', 'ES256'] as const, { default: 'RS256', about: '' }), {
    default: ['RS256', 'ES256'],
    minItems: 1,
    maxItems: 2,
    expects: 'a list of RS256, ES256',
    about: 'What the keys of the set may sign with.',
  }),
  issuer: text({ default: '', about: 'What tokens must say in `iss`. Empty: anything, or nothing.' }),
  audience: text({ default: '', about: 'What tokens must say in `aud`. Empty: anything, or nothing.' }),
  leewaySeconds: integer({
    default: 5,
    min: 0,
    max: 300,
    unit: 's',
    about: 'How far the clocks of whoever signs tokens and of this server may differ.',
  }),
});

/** Keys that come over plain http could be anybody’s. */
function isKeySetUrl(value: string): boolean {
  if (value === '') return true;
  if (!URL.canParse(value)) return false;
  const { protocol, hostname } = new URL(value);
  return protocol === 'https:' || (protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(hostname));
}
