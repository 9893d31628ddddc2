import { type Output, wrap } from './terminal.ts';

/** A call as the server lists it. */
export interface CallLine {
  readonly callId: string;
  readonly messages: number;
  readonly beganAtMs?: number;
  readonly first?: string;
  /** What it came to: the last answer to what it began with, or ''. */
  readonly outcome?: string;
  readonly remotes: readonly string[];
}

/** One line; on a terminal that is too narrow for it, the rest stands below the Call-ID, which stays whole to be copied. */
export function toCallLine(call: CallLine, { columns = Number.POSITIVE_INFINITY }: Pick<Output, 'columns'>): string {
  const { callId, messages, beganAtMs, first = '', outcome = '', remotes } = call;
  const began = beganAtMs === undefined ? '' : new Date(beganAtMs).toISOString();
  const what = `${first.replace(/ SIP\/2\.0$/, '')}${outcome === '' ? '' : ` → ${outcome}`}`;
  const head = safe(`${began}  ${callId}`);
  const rest = safe(`${messages} ${messages === 1 ? 'message' : 'messages'}  ${remotes.join(', ')}  ${what}`);
  const line = `${head}  ${rest}`;
  return line.length <= columns ? `${line}\n` : `${head}\n${wrap(rest, 4, columns)}\n`;
}

/** Others wrote it: a terminal must not obey it. */
export function safe(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out.
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '·');
}
