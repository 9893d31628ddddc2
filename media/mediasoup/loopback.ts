import type { types } from 'mediasoup';
import { refusing, unavailable } from './refusals.ts';

/** Where on this machine a socket of ours is. */
export interface LoopbackEnd {
  readonly ip: string;
  readonly port: number;
}

/**
 * Plain RTP with RTCP on the same port, on 127.0.0.1, to and from the one socket that is named: other processes of this machine
 * can send to the port, too. @throws {AppError} MEDIA_UNAVAILABLE
 */
export async function openLoopback(
  router: types.Router,
  { ip, port }: LoopbackEnd,
  buffers: Pick<types.TransportListenInfo, 'sendBufferSize' | 'recvBufferSize'>,
): Promise<types.PlainTransport> {
  const transport = await refusing(
    () =>
      router.createPlainTransport({
        listenInfo: { protocol: 'udp', ip: '127.0.0.1', ...buffers },
        rtcpMux: true,
        comedia: false,
      }),
    unavailable,
  );
  try {
    await refusing(() => transport.connect({ ip, port }), unavailable);
  } catch (error) {
    transport.close();
    throw error;
  }
  return transport;
}
