import { styleText } from 'node:util';

/** Fields that every line has and that are not worth repeating on a terminal. */
const housekeeping = new Set(['level', 'time', 'msg', 'err', 'error', 'pid', 'hostname']);

type Style = Parameters<typeof styleText>[0];

const levels: Readonly<Record<string, { label: string; style: Style }>> = {
  debug: { label: 'debug', style: 'gray' },
  info: { label: 'info ', style: 'green' },
  warn: { label: 'warn ', style: 'yellow' },
  error: { label: 'error', style: 'red' },
};

/** One line of the log, out of its JSON, as a person reads it: `10:12:03.123 info  room opened  room=standup`. */
export function toLogText(json: string, { colours }: { colours: boolean }): string {
  const paint = (style: Style, text: string) => (colours ? styleText(style, text, { validateStream: false }) : text);
  const line = JSON.parse(json) as Record<string, unknown>;
  const { label, style } = levels[String(line['level'])] ?? { label: String(line['level']), style: 'white' };
  const fields = Object.entries(line)
    .filter(([name, value]) => !housekeeping.has(name) && value !== undefined)
    .map(([name, value]) => `${paint('gray', `${name}=`)}${toFieldText(value)}`);
  const head = [paint('gray', toTimeOfDay(line['time'])), paint(style, label), String(line['msg'] ?? '')].join(' ');
  const error = toErrorText(line['err'] ?? line['error']);
  return `${[head, ...fields].join('  ')}\n${error ? `${paint('gray', indent(error))}\n` : ''}`;
}

function toTimeOfDay(time: unknown): string {
  const date = new Date(typeof time === 'string' || typeof time === 'number' ? time : Number.NaN);
  return Number.isNaN(date.getTime())
    ? '--:--:--.---'
    : date.toTimeString().slice(0, 8) + date.toISOString().slice(19, 23);
}

function toFieldText(value: unknown): string {
  if (typeof value === 'string') return /^[^\s"=]+$/.test(value) ? value : JSON.stringify(value);
  return JSON.stringify(value);
}

/** The stack where there is one, and behind it what caused the error. */
function toErrorText(error: unknown): string {
  if (typeof error !== 'object' || error === null) return error === undefined ? '' : String(error);
  const { stack, message, cause } = error as { stack?: unknown; message?: unknown; cause?: unknown };
  const own = String(stack ?? message ?? JSON.stringify(error));
  return cause === undefined ? own : `${own}\ncaused by ${toErrorText(cause)}`;
}

function indent(text: string): string {
  return text.replace(/^/gm, '    ');
}
