// What a record counts towards the size of a page: what makes it large, which is its payload and who marked it.

import type { StoredRecord } from './room-log.ts';

export function bytesOf({ payload, marks }: Pick<StoredRecord, 'payload' | 'marks'>): number {
  let bytes = Buffer.byteLength(payload);
  for (const key in marks) {
    bytes += Buffer.byteLength(key);
    for (const member of marks[key] ?? []) bytes += Buffer.byteLength(member);
  }
  return bytes;
}
