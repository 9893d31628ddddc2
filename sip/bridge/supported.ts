import type { SrfHeaders } from '../drachtio/srf.ts';

/** Phones offer their user an attended transfer where the other side can take a call's place (RFC 3891 section 6.2). */
const always = 'timer, replaces';

/** In a 2xx of ours. */
export const supported: SrfHeaders = { Supported: always };

/**
 * In an INVITE of ours. Providers whose announcements may not get lost on their way send them so that they are acknowledged, and
 * refuse who cannot do that with 421 (RFC 3262).
 */
export const supportedByCaller: SrfHeaders = { Supported: `${always}, 100rel` };
