import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../core/log.ts';
import type { TokenVerifier } from '../../signaling/token-verifier.ts';
import type { Config } from '../config/schema.ts';
import { StartError } from '../start-error.ts';
import { loadDevSecret } from './dev-secret.ts';
import { JwtVerifier } from './jwt-verifier.ts';
import { createTokenIssuer, type TokenIssuer } from './token-issuer.ts';
import { loadVerifyingKey } from './verifying-key.ts';

type IdentityConfig = Pick<Config, 'dev' | 'dataDir' | 'identity'>;

/**
 * The verifier of a configuration. While developing the key of the data folder is one of its keys.
 * @throws {StartError} when there is no key, or one cannot be read.
 */
export function createVerifier(config: IdentityConfig, parts: { clock: Clock; log: Logger }): TokenVerifier {
  const { dev, dataDir, identity } = config;
  if (dev) {
    const { kid, secret } = loadDevSecret(dataDir);
    const devKey = { kid, algorithm: 'HS256', secret, file: '' } as const;
    return new JwtVerifier({ ...identity, keys: [...identity.keys, devKey] }, parts);
  }
  if (identity.keys.length === 0 && identity.jwksUrl === '') {
    throw new StartError('reading the keys', 'No keys are configured, so nobody could come in.', {
      mend:
        'Set identity.keys (PARLEY_IDENTITY_KEYS) or identity.jwksUrl (PARLEY_IDENTITY_JWKS_URL) to the keys that sign your tokens;' +
        ' docs/operations.md shows how. To try Parley on this machine without any: parley serve --dev',
    });
  }
  return new JwtVerifier(identity, parts);
}

/**
 * Signs with a key that the server of this configuration has: the one for development, or the first secret.
 * @throws {StartError} when all keys are public ones, which can only verify.
 */
export function createIssuer(config: IdentityConfig): TokenIssuer {
  const { issuer, audience, keys } = config.identity;
  if (config.dev) return createTokenIssuer({ ...loadDevSecret(config.dataDir), issuer, audience });
  const own = keys.find(({ algorithm }) => algorithm === 'HS256');
  if (own === undefined) {
    throw new StartError('reading the keys', 'This configuration has no secret to sign a token with.', {
      mend: 'Add a key with algorithm HS256 to identity.keys, sign the token where your private key is, or use --dev for a server that runs with --dev.',
    });
  }
  return createTokenIssuer({ kid: own.kid, key: loadVerifyingKey(own).key, issuer, audience });
}
