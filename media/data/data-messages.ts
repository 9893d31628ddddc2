import { decodeMessage, encodeMessage, toPlain } from '../../proto/binary.ts';
import type { DataToClient, DataToServer } from '../../proto/gen/types.ts';
import { readerOf } from '../../proto/read-message.ts';

/** What a message has around its payload at most: 64 peer ids, a topic, and the fields. */
export const bytesAroundPayload = 8_192;

const read = readerOf('DataToServer');

/** Undefined for what is no DataToServer within its limits. */
export function readDataToServer(bytes: Uint8Array, maxPayloadBytes: number): DataToServer | undefined {
  try {
    const message = read(toPlain(decodeMessage('DataToServer', bytes)), '') as unknown as DataToServer;
    return message.payload.byteLength <= maxPayloadBytes ? message : undefined;
  } catch {
    return undefined;
  }
}

export function writeDataToClient(message: DataToClient): Uint8Array {
  return encodeMessage('DataToClient', message);
}
