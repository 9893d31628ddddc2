import { styleText } from 'node:util';

export type Style = Parameters<typeof styleText>[0];

/** Colours a text where the stream shows colours; NO_COLOR and TERM are heeded by the stream itself. */
export function paint(style: Style, text: string, stream: NodeJS.WriteStream = process.stdout): string {
  return hasColours(stream) ? styleText(style, text, { validateStream: false }) : text;
}

export function hasColours(stream: NodeJS.WriteStream): boolean {
  return stream.isTTY === true && stream.hasColors();
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
