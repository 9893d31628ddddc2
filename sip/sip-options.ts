import type { DefenceOptions } from './agent/defence/defence-options.ts';
import type { MessageLimits } from './agent/messages/limits.ts';
import type { Protocol } from './agent/transports/endpoint.ts';
import type { TransportLimits } from './agent/transports/listen.ts';
import type { LadderLimits } from './ladder/ladders.ts';

/** One socket, as an operator writes it. */
export interface ListenOptions {
  readonly protocol: Protocol;
  readonly address: string;
  readonly port: number;
  /** As `advertisement.ts` reads them. */
  readonly advertise: readonly string[];
  readonly certFile: string;
  readonly keyFile: string;
  readonly caFile: string;
  /** With `*` among them: all of them. */
  readonly origins: readonly string[];
}

export interface SipOptions {
  readonly listen: readonly ListenOptions[];
  /** Without them: the usual ones. */
  readonly limits?: MessageLimits & Pick<TransportLimits, 'connections' | 'connectionsPerSource'>;
  /** The longest time between two keep-alives of a connection that the agent opened; 0 sends none. */
  readonly keepAliveSeconds?: number;
  readonly defence: DefenceOptions;
  /** Undefined: no messages are kept. */
  readonly trace: LadderLimits | undefined;
  /** A drachtio-server elsewhere; undefined: the agent inside. */
  readonly drachtio: DrachtioServer | undefined;
}

/** A drachtio-server, as an operator writes it. */
export interface DrachtioServer {
  readonly host: string;
  readonly port: number;
  readonly secret: string;
  readonly tls: boolean;
  /** Empty: whom the system trusts. */
  readonly caFile: string;
}

/** Where applications connect to, by drachtio's protocol. */
export interface DrachtioAddress {
  readonly host: string;
  readonly port: number;
  readonly secret: string;
  /** `ca`: PEM of who signs its certificate. */
  readonly tls?: { readonly ca?: string };
}
