import type { GetIceServersResponse } from '../proto/gen/types.ts';

/** Port: where the client of an identity relays, with credentials of its own. The server implements it for TURN (RFC 8656). */
export type IceServersFor = (identity: string) => GetIceServersResponse;

/** Where no servers are configured. */
export const noIceServers: IceServersFor = () => ({ iceServers: [], expiresAtMs: 0, relayOnly: false });
