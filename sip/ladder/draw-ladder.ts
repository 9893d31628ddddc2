import type { KeptCall, KeptMessage } from './ladders.ts';

const us = 'Parley';
const narrowest = 30;
/** On a narrow terminal; in less there is no room for `200 (INVITE, SDP)`. */
const least = 23;
const margin = 11;

export interface LadderOptions {
  readonly full?: boolean | undefined;
  /** How wide it may be. Sides have letters then where their addresses are too long. */
  readonly columns?: number | undefined;
}

/**
 * Calls as a ladder in which time goes down: a column for each side, Parley behind the one that began, an arrow for each message.
 * Several calls are the legs of one, by their times. `full` has each message below its arrow.
 */
export function drawLadder(calls: readonly KeptCall[], options: LadderOptions = {}): string {
  const { full = false, columns: fits = Number.POSITIVE_INFINITY } = options;
  const messages = calls.flatMap((call) => call.messages).sort((one, other) => one.atMs - other.atMs);
  const [first] = messages;
  const lines = calls.map(({ callId }) => `Call ${safe(callId)}`);
  if (first === undefined) return lines.join('\n');
  lines.push(`begun ${new Date(first.atMs).toISOString()}; times below in seconds since then`);
  const lost = calls.reduce((sum, call) => sum + call.lost, 0);
  if (lost > 0) lines.push(`${lost} messages behind the first were not kept: there were too many`);
  const [caller = '', ...others] = new Set(messages.map(({ remote }) => remote));
  const columns = [caller, us, ...others];
  let arrows = messages.map((message) => labelOf(message));
  let names = columns;
  let width = Math.max(narrowest, ...arrows.map((label) => label.length + 8), ...columns.map((one) => one.length + 4));
  if (margin + width * columns.length > fits) {
    width = Math.max(least, Math.floor((fits - margin) / columns.length));
    arrows = messages.map((message) => cut(labelOf(message, { brief: true }), width - 6));
    if (columns.some((one) => one.length + 2 > width)) {
      names = columns.map((one, at) => (one === us ? one : letterOf(at)));
      lines.push('', ...columns.flatMap((one, at) => (one === us ? [] : [`${letterOf(at)} is ${one}`])));
    }
  }
  const protocols = columns.map((column) => messages.find(({ remote }) => remote === column)?.protocol ?? '');
  lines.push('', heads(names, width), heads(protocols, width), rungs(columns.length, width));
  for (const [at, message] of messages.entries()) {
    const time = ((message.atMs - first.atMs) / 1000).toFixed(3).padStart(9);
    lines.push(`${time}  ${arrow(columns, message, arrows[at] ?? '', width)}`);
    if (full) lines.push(...whole(message));
  }
  lines.push(rungs(columns.length, width));
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}

function arrow(columns: readonly string[], message: KeptMessage, label: string, width: number): string {
  const here = columns.indexOf(us);
  const there = columns.indexOf(message.remote);
  const [left, right] = here < there ? [here, there] : [there, here];
  const goesRight = (message.direction === 'in') === there < here;
  const length = (right - left) * width - 1;
  const text = ` ${label} `;
  const room = Math.max(length - text.length - 1, 2);
  const before = Math.floor(room / 2);
  const line = `${'─'.repeat(before)}${text}${'─'.repeat(room - before)}`;
  const drawn = `│${goesRight ? `${line}>` : `<${line}`}│`;
  const gap = Array.from({ length: left }, () => `│${' '.repeat(width - 1)}`).join('');
  const rest = Array.from({ length: columns.length - 1 - right }, () => `${' '.repeat(width - 1)}│`).join('');
  return indent(width) + gap + drawn + rest;
}

/** Parley has the second column. */
function letterOf(at: number): string {
  return String.fromCharCode(65 + Math.max(at - 1, 0));
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

/** `brief`: without the words of a status. */
function labelOf({ text, again }: KeptMessage, { brief = false } = {}): string {
  const [start = ''] = text.split('\r\n', 1);
  const [, number, words = ''] = /^SIP\/2\.0 (\d{3})(.*)$/i.exec(start) ?? [];
  const status = number === undefined || brief ? number : `${number}${words}`;
  const [, method = ''] = /^cseq[ \t]*:[ \t]*\d+[ \t]+(\S+)/im.exec(text) ?? [];
  const sdp = text.includes('\r\n\r\nv=0');
  const request = `${start.split(' ', 1)[0] ?? ''}${sdp ? ' (SDP)' : ''}`;
  const answer = brief && again ? `${status} ${method}` : `${status} (${method}${sdp ? ', SDP' : ''})`;
  const said = status === undefined ? request : answer;
  return safe(`${said}${again ? ' again' : ''}`).slice(0, 60);
}

function whole({ protocol, local, remote, direction, text }: KeptMessage): string[] {
  const way = direction === 'in' ? `${remote} → ${local}` : `${local} → ${remote}`;
  return ['', `${protocol} ${way}`, ...text.trimEnd().split('\r\n').map(safe), ''].map((line) => `            ${line}`);
}

function heads(columns: readonly string[], width: number): string {
  return `${' '.repeat(margin)}${columns.map((column) => centre(column, width)).join('')}`;
}

function rungs(count: number, width: number): string {
  return `${' '.repeat(margin)}${indent(width)}${Array.from({ length: count }, () => '│').join(' '.repeat(width - 1))}`;
}

/** The first column stands in the middle of its head. */
function indent(width: number): string {
  return ' '.repeat(Math.floor(width / 2));
}

function centre(text: string, width: number): string {
  const before = Math.max(Math.floor((width - text.length) / 2), 0);
  return `${' '.repeat(before)}${text}`.padEnd(width);
}

/** Others wrote it: a terminal must not obey it. */
function safe(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out.
  return text.replace(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/g, '·');
}
