import type { Logger } from '../../core/log.ts';

interface Line {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** The in-memory engine of the Logger port. */
export class RecordingLog implements Logger {
  readonly lines: Line[];
  readonly #fields: object;

  constructor(lines: Line[] = [], fields: object = {}) {
    this.lines = lines;
    this.#fields = fields;
  }

  debug(fields: object, message: string): void {
    this.#add('debug', fields, message);
  }

  info(fields: object, message: string): void {
    this.#add('info', fields, message);
  }

  warn(fields: object, message: string): void {
    this.#add('warn', fields, message);
  }

  error(fields: object, message: string): void {
    this.#add('error', fields, message);
  }

  child(fields: object): RecordingLog {
    return new RecordingLog(this.lines, { ...this.#fields, ...fields });
  }

  #add(level: Line['level'], fields: object, message: string): void {
    this.lines.push({ level, message, fields: { ...this.#fields, ...fields } });
  }
}
