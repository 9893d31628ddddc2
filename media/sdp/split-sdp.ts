import { refuseSdp } from './sdp-values.ts';

/** What a frame of the gateway can carry as JSON; about nine sections of video of a browser that lists all its codecs. */
export const maxSdpBytes = 49_152;
const maxSections = 64;
const maxLines = 4096;
const maxLineLength = 4096;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const controlCharacter = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f]/;

/**
 * The lines of a description or of a piece of one. Everything that makes a parser's work large is refused here, before it sees
 * the text: it tries some fifty patterns on each line.
 * @throws {AppError} SDP_REFUSED
 */
export function splitLines(text: string): readonly string[] {
  if (Buffer.byteLength(text) > maxSdpBytes) refuseSdp(`it is longer than ${maxSdpBytes} bytes`);
  if (controlCharacter.test(text)) refuseSdp('it has control characters');
  // The line ends of the parser; it skips empty lines too.
  const lines = text.split(/\r\n|\r|\n/).filter((line) => line !== '');
  if (lines.length > maxLines) refuseSdp(`it has more than ${maxLines} lines`);
  for (const [index, line] of lines.entries()) {
    if (!/^[a-z]=/.test(line)) refuseSdp(`line ${index + 1} is not of the form <type>=<value>`);
    if (line.length > maxLineLength) refuseSdp(`line ${index + 1} is longer than ${maxLineLength} characters`);
  }
  return lines;
}

/** The lines of a whole description. @throws {AppError} SDP_REFUSED */
export function splitSdp(text: string): readonly string[] {
  const lines = splitLines(text);
  if (lines[0] !== 'v=0') refuseSdp('it does not begin with v=0');
  const sections = lines.filter((line) => line.startsWith('m=')).length;
  if (sections === 0) refuseSdp('it has no section');
  if (sections > maxSections) refuseSdp(`it has more than ${maxSections} sections`);
  return lines;
}
