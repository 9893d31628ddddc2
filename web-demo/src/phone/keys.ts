// The twelve keys of a telephone (ITU-T E.161), and what else may stand in what is dialled.

export interface PhoneKey {
  readonly digit: string;
  readonly letters: string;
  /** Where the digit itself is not read as what it is. */
  readonly spoken?: string;
}

export const phoneKeys: readonly PhoneKey[] = [
  { digit: '1', letters: '' },
  { digit: '2', letters: 'ABC' },
  { digit: '3', letters: 'DEF' },
  { digit: '4', letters: 'GHI' },
  { digit: '5', letters: 'JKL' },
  { digit: '6', letters: 'MNO' },
  { digit: '7', letters: 'PQRS' },
  { digit: '8', letters: 'TUV' },
  { digit: '9', letters: 'WXYZ' },
  { digit: '*', letters: '', spoken: 'star' },
  { digit: '0', letters: '+' },
  { digit: '#', letters: '', spoken: 'pound' },
];

/** The digit that a key of the keyboard stands for. */
export function digitOf(key: string): string | undefined {
  return /^[0-9*#]$/.test(key) ? key : undefined;
}
