import type { CallInfo } from '../../proto/gen/types.ts';
import type { Leg } from './leg.ts';

type AudioCodec = CallInfo['audioCodec'];

const known: readonly string[] = ['opus', 'G722', 'PCMU', 'PCMA'] satisfies AudioCodec[];

/**
 * What browsers are to publish their microphones with: where one browser and one phone are alone, what the phone has, so that
 * nothing is transcoded. Of more than two there is a mix anyway.
 */
export function audioCodecOf(legs: readonly Leg[]): AudioCodec {
  const there = legs.filter((leg) => leg.isAnswered);
  const [phone, ...others] = there.filter(({ via }) => via === 'phone');
  if (there.length !== 2 || phone === undefined || others.length > 0) return '';
  return known.includes(phone.codec) ? (phone.codec as AudioCodec) : '';
}
