import type { CallerKind, DialRequest } from '../dial-plan/decision.ts';
import type { AuthenticatedRequest } from '../drachtio/authenticator.ts';
import type { SrfHeaders } from '../drachtio/srf.ts';
import type { TrunkMedia } from '../trunks/route.ts';

/** Tells who calls: trunks by their address or password, phones of users by their password, guests where the plan lets them in. */
export interface Callers {
  /** What the plan is asked, or what the call is answered with: a challenge, or a refusal. */
  identify(
    asked: AuthenticatedRequest,
  ): Promise<
    | { readonly request: DialRequest }
    | { readonly request: undefined; readonly status: number; readonly headers: SrfHeaders }
  >;
  /** How media of their calls is treated. */
  mediaOf(from: CallerKind): TrunkMedia;
}
