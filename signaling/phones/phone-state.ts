// What everybody in the room is told of a phone, as it comes in.

import type { PhoneInfo } from '../../proto/gen/types.ts';
import type { PhoneJoin } from './phone-desk.ts';

const maxAttributes = 16;
const maxAttributeBytes = 256;

export function stateOf({
  number,
  trunk,
  callId = '',
  muted = false,
  ringing = false,
  attributes = {},
}: PhoneJoin): PhoneInfo {
  const kept = Object.entries(attributes).slice(0, maxAttributes);
  return {
    number: cut(number),
    trunk: trunk.slice(0, 64),
    held: false,
    muted,
    codec: '',
    encrypted: false,
    callId,
    attributes: Object.fromEntries(kept.map(([name, value]) => [cut(name), cut(value)])),
    ringing,
  };
}

/** Whole characters. */
function cut(text: string): string {
  if (Buffer.byteLength(text) <= maxAttributeBytes) return text;
  return Buffer.from(text)
    .subarray(0, maxAttributeBytes)
    .toString('utf8')
    .replace(/\uFFFD+$/, '');
}
