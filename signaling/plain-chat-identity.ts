// Who somebody on a plain chat connection is: what a token says, or a guest.

import { randomBytes } from 'node:crypto';
import { AppError } from '../core/errors.ts';
import type { PlainChatQuery } from '../proto/gen/types.ts';
import { type Grants, grantsIn } from './grants.ts';
import type { TokenVerifier } from './token-verifier.ts';

export interface PlainChatIdentity {
  readonly identity: string;
  readonly name: string;
  readonly metadata: string;
  readonly grants: Grants;
  readonly isGuest: boolean;
  /** Undefined for guests. */
  readonly expiresAtMs: number | undefined;
  /** A guest that has said no name yet. */
  readonly nameless: boolean;
}

const guestPrefix = 'guest:';
const guestGrants: Grants = new Set(['join', 'chat', 'history'] as const);

/**
 * A token goes before the name that somebody gives itself.
 * @throws {AppError} by rejection: a TOKEN_… reason, or GUESTS_NOT_ALLOWED.
 */
export async function identifyPlainChat(
  { room, user, token }: PlainChatQuery,
  { verifier, allowGuests }: { verifier: TokenVerifier; allowGuests: boolean },
): Promise<PlainChatIdentity> {
  if (token !== '') {
    const { grants, ...claims } = await verifier.verify(token);
    return { ...claims, grants: grantsIn(room, grants), isGuest: false, nameless: false };
  }
  if (!allowGuests) throw new AppError('GUESTS_NOT_ALLOWED');
  return createGuest(user.trim());
}

/** Each guest is somebody else: nobody can know whether it was here before. */
function createGuest(name: string): PlainChatIdentity {
  return {
    identity: `${guestPrefix}${randomBytes(9).toString('base64url')}`,
    name: name || `Guest ${randomBytes(2).toString('hex')}`,
    metadata: '',
    grants: guestGrants,
    isGuest: true,
    expiresAtMs: undefined,
    nameless: name === '',
  };
}

/** As far as an identity tells: a token may say such a one too. */
export const isGuest = (identity: string): boolean => identity.startsWith(guestPrefix);
