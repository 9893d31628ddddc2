// What scripts publish to the channel of a room about its log. Frames of the bus and changes of the owner come the same way.

import type { Head, LogPush, PushedRecord } from '../room-log.ts';
import { readBody } from './read-replies.ts';

type Published =
  | { readonly pushed: LogPush }
  | { readonly trimmed: Pick<Head, 'epoch' | 'firstSeq' | 'trimmedMessageId'> };

const pushedMark = Buffer.from('1 l ');
const trimmedMark = Buffer.from('1 t ');
const newline = 0x0a;

/** Nothing when it is about something else, or not of our making. Records are read when they are asked for. */
export function readPublished(room: string, message: Buffer): Published | undefined {
  if (startsWith(message, pushedMark)) return readPush(room, message);
  if (!startsWith(message, trimmedMark)) return undefined;
  const { lines, end } = readLines(message, trimmedMark.length, 2);
  const [epoch, firstSeq] = lines;
  if (epoch === undefined || !(Number(firstSeq) > 0)) return undefined;
  return { trimmed: { epoch, firstSeq: Number(firstSeq), trimmedMessageId: message.toString('utf8', end) } };
}

function readPush(room: string, message: Buffer): Published | undefined {
  const { lines, end } = readLines(message, pushedMark.length, 5);
  const [origin, epoch, first, previousId, lengths] = lines;
  if (origin === undefined || epoch === undefined || previousId === undefined || lengths === undefined)
    return undefined;
  const sizes = lengths.split(' ');
  const firstSeq = Number(first);
  if (!(firstSeq > 0) || sumOf(sizes) !== message.length - end) return undefined;
  const records = () => readRecords(message, end, sizes, firstSeq);
  const count = sizes.length;
  return { pushed: { room, epoch, firstSeq, count, previousId, origin, bytes: message.length, records } };
}

/** `sizes`: bytes of each body, and behind a colon of its facts. */
function readRecords(message: Buffer, from: number, sizes: readonly string[], firstSeq: number): PushedRecord[] {
  let at = from;
  const take = (bytes: string | undefined) => {
    const start = at;
    at += Number(bytes);
    return message.toString('utf8', start, at);
  };
  return sizes.map((size, index) => {
    const [ofBody, ofFacts] = size.split(':');
    const record = readBody(firstSeq + index, take(ofBody));
    return ofFacts === undefined ? record : { ...record, facts: JSON.parse(take(ofFacts)) };
  });
}

const sumOf = (sizes: readonly string[]): number => {
  let sum = 0;
  for (const size of sizes) for (const part of size.split(':')) sum += Number(part);
  return sum;
};

const startsWith = (message: Buffer, mark: Buffer): boolean =>
  message.length >= mark.length && mark.compare(message, 0, mark.length) === 0;

/** `end`: where what follows them begins. Fewer lines than asked for when there are no more. */
function readLines(message: Buffer, from: number, count: number): { lines: string[]; end: number } {
  let end = from;
  let found = 0;
  for (; found < count; found++) {
    const at = message.indexOf(newline, end);
    if (at === -1) break;
    end = at + 1;
  }
  // As one text: taking each line out of the bytes by itself costs several times as much.
  return { lines: found === 0 ? [] : message.toString('utf8', from, end - 1).split('\n'), end };
}
