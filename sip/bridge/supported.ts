import type { SrfHeaders } from '../drachtio/srf.ts';

/** Phones offer their user an attended transfer where the other side can take a call's place (RFC 3891 section 6.2). */
export const supported: SrfHeaders = { Supported: 'timer, replaces' };
