import type { PhoneList } from '../http/sip-phones.ts';
import { safe } from './sip-call-line.ts';

const heads = ['user', 'transport', 'address', 'expires', 'node', 'user agent'];

/** A line for each phone, and for each user whose phones are at other nodes. `nowMs`: in milliseconds since 1970. */
export function toPhoneTable({ node, phones, elsewhere }: PhoneList, nowMs: number): string {
  const unknown = elsewhere === undefined ? 'Which phones other nodes have is not known now.\n' : '';
  if (phones.length === 0 && !elsewhere?.length) return `No phone is registered.\n${unknown}`;
  const rows = [
    heads,
    ...phones.map(({ identity, protocol, from, untilMs, userAgent }) => [
      ...[identity, protocol, from, `in ${Math.max(0, Math.round((untilMs - nowMs) / 1_000))} s`, node],
      userAgent,
    ]),
    ...(elsewhere ?? []).map(({ identity, nodes }) => [identity, '', '', '', nodes.join(', '), '']),
  ].map((row) => row.map(safe));
  const widths = heads.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const toLine = (row: readonly string[]) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ');
  return rows.map((row) => `${toLine(row).trimEnd()}\n`).join('') + unknown;
}
