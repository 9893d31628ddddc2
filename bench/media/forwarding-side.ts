import type { LocalDtls, RemoteTransport } from './rtp-caller.ts';

/** One of the servers that are compared. */
export interface MeasuredSide {
  readonly name: string;
  /** Of the processes that forward packets. */
  readonly workerPids: readonly number[];
}

export interface ForwardingSide extends MeasuredSide, AsyncDisposable {
  openRoom(name: string): Promise<ForwardingRoom>;
}

export interface ForwardingRoom {
  createTransport(
    peer: string,
    direction: 'send' | 'recv',
  ): Promise<RemoteTransport & { readonly transportId: string }>;
  connectTransport(peer: string, transportId: string, dtlsParameters: LocalDtls): Promise<void>;
  /** Produces Opus of this SSRC; answers with the producer's id. */
  produce(peer: string, transportId: string, ssrc: number): Promise<string>;
  /** Consumes, with packets flowing. */
  consume(peer: string, transportId: string, producerId: string): Promise<void>;
}
