import type { ConfigProblem } from './config-error.ts';
import { holdsSecret, type OptionEntry, type OptionSchema } from './option-list.ts';

/** A value that somebody gave to an option, not checked yet. */
export interface Setting {
  readonly option: OptionEntry;
  readonly value: unknown;
  /** Where it was given: `parley.yaml:3`, `PARLEY_GATEWAY_PORT`, `--port`. */
  readonly source: string;
  /** The source of a place inside the value, as in `[1].secret`, where it is known better. */
  readonly sourceInside?: (path: string) => string;
}

/** What one source says: later layers go before earlier ones. */
export interface Layer {
  readonly settings: readonly Setting[];
  readonly problems: readonly ConfigProblem[];
}

/**
 * A value out of a text, from the environment or the command line: lists are written with commas or as JSON.
 * What does not fit is handed on as text, so that the check can say what was expected.
 */
export function parseText(schema: OptionSchema, text: string): unknown {
  if (schema.type === 'integer') return /^[+-]?\d{1,15}$/.test(text.trim()) ? Number(text) : text;
  if (schema.type === 'number')
    return /^\d{0,3}(\.\d{1,6})?$/.test(text.trim()) && text.trim() !== '' ? Number(text) : text;
  if (schema.type === 'boolean') return booleans.get(text.trim().toLowerCase()) ?? text;
  if (schema.type === 'array') return parseList(schema, text.trim());
  return text;
}

const booleans = new Map<string, boolean>([
  ['true', true],
  ['1', true],
  ['yes', true],
  ['on', true],
  ['false', false],
  ['0', false],
  ['no', false],
  ['off', false],
]);

function parseList(schema: OptionSchema, text: string): unknown {
  if (text === '') return [];
  if (text.startsWith('[') || text.startsWith('{')) {
    try {
      return JSON.parse(text);
    } catch {
      return holdsSecret(schema) ? '(not JSON)' : text;
    }
  }
  return text.split(',').map((item) => item.trim());
}
