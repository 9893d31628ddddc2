// The only file that speaks to pino.

import { type DestinationStream, pino, stdSerializers } from 'pino';
import type { Logger } from '../core/log.ts';
import { toLogText } from './log-text.ts';

/** A second line behind the rule that these are never logged: wherever they stand, two folders deep. */
const secretNames = ['token', 'accessToken', 'access_token', 'authorization', 'secret', 'password', 'cookie', 'key'];
const redacted = secretNames.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]);

export interface LogOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly format: 'auto' | 'json' | 'text';
}

/** Up to the last three digits of who is named by a telephone number, wherever a line names them: `tel:+49-30-123456`. */
const numbers = /\b(phone|tel):\+?[\d*#().-]*(?=(?:[\d*#][().-]*){3})/g;

/** `output` is standard output where it is left out. Lines are written at once, so that the last one before an exit is there. */
export function createPinoLogger(options: LogOptions, output: NodeJS.WriteStream | undefined = undefined): Logger {
  const stream = output ?? process.stdout;
  const colours = stream.isTTY === true && stream.hasColors();
  const text: DestinationStream = { write: (json) => void stream.write(toLogText(json, { colours })) };
  const json = output
    ? { write: (line: string) => void output.write(line) }
    : pino.destination({ dest: 1, sync: true });
  return pino(
    {
      level: options.level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      // Whole lines: numbers stand in bound fields, lists and the messages of errors as well.
      hooks: { streamWrite: (line) => line.replace(numbers, '$1:…') },
      redact: { paths: redacted, censor: '[redacted]' },
      serializers: { err: stdSerializers.errWithCause, error: stdSerializers.errWithCause },
    },
    writesText(options, stream) ? text : json,
  );
}

/** Whether a person reads the log. */
export function writesText(
  { format }: Pick<LogOptions, 'format'>,
  stream: NodeJS.WriteStream = process.stdout,
): boolean {
  return format === 'text' || (format === 'auto' && stream.isTTY === true);
}
