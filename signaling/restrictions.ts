import type { Peer } from './peer.ts';

/** What moderators keep people from. Asked before anything is written. */
export interface Restrictions {
  /**
   * `message`: a new one, to which slow mode applies; `change`: of one that is there, and reactions.
   * @throws {AppError} when it may not write now.
   */
  beforeSend(peer: Peer, what: 'message' | 'change'): void;
}

export const noRestrictions: Restrictions = { beforeSend: () => {} };
