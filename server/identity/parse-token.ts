import { AppError } from '../../core/errors.ts';

/** A token taken apart and not verified: nothing in it may be believed yet. */
export interface UnverifiedToken {
  readonly algorithm: string;
  readonly kid: string | undefined;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** The contract’s bound on session.connect’s token. */
const maxTokenBytes = 8192;

/**
 * Reads the compact form of a JSON Web Signature (RFC 7515 section 7.1).
 * @throws {AppError} TOKEN_MALFORMED, TOKEN_UNSIGNED, or TOKEN_CLAIMS_INVALID for a header that asks for what we do not know.
 */
export function parseToken(token: string): UnverifiedToken {
  if (token === '') throw new AppError('TOKEN_MISSING');
  if (Buffer.byteLength(token) > maxTokenBytes) throw new AppError('TOKEN_MALFORMED');
  const parts = token.split('.');
  const [headerText = '', payloadText = '', signature = ''] = parts;
  if (parts.length !== 3) throw new AppError('TOKEN_MALFORMED');
  const header = readPart(headerText);
  const payload = readPart(payloadText);
  const { alg, kid, crit } = header;
  if (typeof alg !== 'string' || (kid !== undefined && typeof kid !== 'string')) throw new AppError('TOKEN_MALFORMED');
  if (alg.toLowerCase() === 'none' || signature === '') throw new AppError('TOKEN_UNSIGNED');
  if (!isCanonicalBase64Url(signature)) throw new AppError('TOKEN_MALFORMED');
  // RFC 7515 section 4.1.11: extensions that are critical and unknown make the token invalid. jsonwebtoken does not look.
  if (crit !== undefined) {
    throw new AppError('TOKEN_CLAIMS_INVALID', { field: 'crit', problem: 'names an extension that is not supported' });
  }
  return { algorithm: alg, kid, payload };
}

function readPart(text: string): Record<string, unknown> {
  if (!isCanonicalBase64Url(text)) throw new AppError('TOKEN_MALFORMED');
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
  } catch {
    // No cause: what the parser says repeats pieces of the token.
    throw new AppError('TOKEN_MALFORMED');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new AppError('TOKEN_MALFORMED');
  return value as Record<string, unknown>;
}

/** One text for each sequence of bytes (RFC 4648 section 3.5): otherwise a changed last letter could still verify. */
function isCanonicalBase64Url(text: string): boolean {
  return text !== '' && Buffer.from(text, 'base64url').toString('base64url') === text;
}
