import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

/** What a command writes to: standard output is one. */
export interface Output {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  /** How wide a terminal is; undefined for what is none. */
  readonly columns?: number;
  hasColors?(): boolean;
}

/** What a command has of its surroundings. */
export interface Terminal {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Record<string, string | undefined>;
}

/** Colours a text where the stream shows colours; NO_COLOR and TERM are heeded by the stream itself. */
export function paint(style: Style, text: string, output: Output): string {
  return hasColours(output) ? styleText(style, text, { validateStream: false }) : text;
}

function hasColours(output: Output): boolean {
  return output.isTTY === true && output.hasColors?.() === true;
}

/** Breaks a text into lines that fit, each with an indent of that many spaces. */
export function wrap(text: string, indent: number, width = 100): string {
  const lines = [''];
  for (const word of text.split(' ')) {
    const last = lines.length - 1;
    const line = lines[last] === '' ? word : `${lines[last]} ${word}`;
    if (line.length <= width - indent || lines[last] === '') lines[last] = line;
    else lines.push(word);
  }
  return lines.map((line) => ' '.repeat(indent) + line).join('\n');
}
