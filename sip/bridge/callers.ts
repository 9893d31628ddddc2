import type { CallerKind } from '../dial-plan/decision.ts';
import type { AuthenticatedRequest } from '../drachtio/authenticator.ts';
import type { SrfHeaders } from '../drachtio/srf.ts';
import type { TrunkMedia } from '../trunks/route.ts';

/** Who it is, or what the request is answered with: a challenge, or a refusal. */
export type Identified =
  | { readonly from: CallerKind }
  | { readonly from?: undefined; readonly status: number; readonly headers: SrfHeaders; readonly why: string };

/** Tells who calls: trunks by their address or password, phones of users by their password, guests where the plan lets them in. */
export interface Callers {
  identify(request: AuthenticatedRequest): Promise<Identified>;
  /** How media of their calls is treated. */
  mediaOf(from: CallerKind): TrunkMedia;
}
