// How a connection between nodes is made, at either end.

import { type ChannelOptions, Client, credentials, ServerCredentials } from '@grpc/grpc-js';
import { maxLinkFrameBytes } from '../node-calls.ts';

/** PEM; all three, or nothing is encrypted. */
export interface RpcTls {
  readonly cert: Buffer;
  readonly key: Buffer;
  /** The authority that signed the certificates of all nodes. */
  readonly ca: Buffer;
}

const sharedOptions: ChannelOptions = {
  'grpc.max_receive_message_length': maxLinkFrameBytes,
  'grpc.max_send_message_length': maxLinkFrameBytes,
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 5_000,
};

const clientOptions: ChannelOptions = {
  ...sharedOptions,
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 1_000,
  // Whoever closes a channel and makes another one wants another connection.
  'grpc.use_local_subchannel_pool': 1,
  // Who may try again is known above.
  'grpc.enable_retries': 0,
  'grpc.service_config_disable_resolution': 1,
  // Other nodes are not behind the proxy of the environment.
  'grpc.enable_http_proxy': 0,
};

export const serverOptions: ChannelOptions = {
  ...sharedOptions,
  // A node opens two connections: one for calls, one for its link.
  'grpc.max_concurrent_streams': 1_000,
};

/** Connects with the first call. */
export function openChannel(address: string, tls: RpcTls | undefined): Client {
  const how = tls ? credentials.createSsl(tls.ca, tls.key, tls.cert) : credentials.createInsecure();
  return new Client(address, how, clientOptions);
}

export function serverCredentials(tls: RpcTls | undefined): ServerCredentials {
  if (tls === undefined) return ServerCredentials.createInsecure();
  // A node shows its certificate too.
  return ServerCredentials.createSsl(tls.ca, [{ cert_chain: tls.cert, private_key: tls.key }], true);
}

/** Messages are bytes to gRPC: they are read and written by the contract's own codec. */
export const asBytes = (bytes: Buffer): Buffer => bytes;
