import { AppError } from '../../../core/errors.ts';
import type { Sound } from './sounds.ts';

/** ITU-T Q.23: a row and a column for each key. */
const rows = [697, 770, 852, 941];
const columns = [1209, 1336, 1477, 1633];
const keys = ['123A', '456B', '789C', '*0#D'];

const defaultMs = 160;
const defaultGapMs = 80;
const maxDigits = 128;

/** The sounds of a keypad, for those who take no events. @throws {AppError} BAD_REQUEST */
export function keyTones(
  digits: string,
  { durationMs = defaultMs, gapMs = defaultGapMs }: { readonly durationMs?: number; readonly gapMs?: number },
): Sound[] {
  if (digits.length > maxDigits)
    throw new AppError('BAD_REQUEST', { field: 'digits', problem: `are more than ${maxDigits}` });
  return [...digits.toUpperCase()].flatMap((digit): Sound[] => {
    const row = keys.findIndex((line) => line.includes(digit));
    const column = keys[row]?.indexOf(digit) ?? -1;
    const tones = [rows[row], columns[column]].filter((hertz) => hertz !== undefined);
    if (tones.length < 2)
      throw new AppError('BAD_REQUEST', { field: 'digits', problem: 'have something besides 0–9, *, # and A–D' });
    return [{ tones, ms: durationMs }, { silenceMs: gapMs }];
  });
}
