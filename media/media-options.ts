/** What is configured of the SFU. */
export interface MediaOptions {
  /** Worker processes; 0: one per core less one, at least one. */
  readonly workers: number;
  /** The mediasoup worker's binary; empty: mediasoup's own. */
  readonly workerBin: string;
  /** The address that workers listen on, as in 0.0.0.0. */
  readonly listenIp: string;
  /** What clients are told to send to; empty: the listen address, or the detected one when that is 0.0.0.0 or ::. */
  readonly announcedAddress: string;
  /** UDP and TCP port of the first worker, the next worker has the next port; 0: free ports. */
  readonly port: number;
  /** Bits per second that each transport starts to send at. */
  readonly initialOutgoingBitrate: number;
  /** Bits per second that each sending client is limited to. */
  readonly maxIncomingBitrate: number;
  readonly maxTransportsPerPeer: number;
  readonly maxProducersPerPeer: number;
  readonly maxConsumersPerPeer: number;
  /** Microphones of a room that are forwarded at once; 0: all. */
  readonly loudestSpeakers: number;
  /** Share of a core, on the least loaded worker, from which on new video is refused. */
  readonly videoLoadLimit: number;
  /** The same for everything else. */
  readonly audioLoadLimit: number;
  /** Senders are told which layers anybody shows. */
  readonly dynacast: boolean;
  /** Counters of tracks that are read a second on this node; 0: none. */
  readonly statsReadsPerSecond: number;
  /** Bytes of a message on a data channel. */
  readonly maxDataMessageBytes: number;
  /** Messages a second that one peer may send on its data channels. */
  readonly dataMessagesPerSecond: number;
}
