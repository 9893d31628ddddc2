import { refuseSdp } from '../../sdp/sdp-values.ts';

/** Of a description. Phones write one to two kilobytes, those that list ICE candidates about eight. */
export const maxPhoneSdpBytes = 16_384;
const maxLines = 512;
/** Of one type of line or one attribute in a section, such as `a=crypto`. */
const maxLinesOfKind = 64;
const maxSections = 16;

/** One m-line and what follows it, or what stands before the first of them. */
export interface SdpPart {
  /** Value of the first line of this type; without the type. */
  line(type: string): string | undefined;
  /** Values of an attribute in their order: '' for one without value. */
  attributes(name: string): readonly string[];
  has(attribute: string): boolean;
}

class Part implements SdpPart {
  readonly #values = new Map<string, string[]>();

  add(key: string, value: string): void {
    const values = this.#values.get(key);
    if (values === undefined) this.#values.set(key, [value]);
    else if (values.length < maxLinesOfKind) values.push(value);
    else refuseSdp(`it has more than ${maxLinesOfKind} lines of one kind in a section`);
  }

  line(type: string): string | undefined {
    return this.#values.get(type)?.[0];
  }

  attributes(name: string): readonly string[] {
    return this.#values.get(`a=${name}`) ?? [];
  }

  has(attribute: string): boolean {
    return this.#values.has(`a=${attribute}`);
  }
}

/**
 * The parts of a description: of the session, then of each stream. Phones are read as they are: lines that are none, blanks at
 * their ends and unknown types are passed over, as RFC 8866 section 5 asks of attributes.
 * @throws {AppError} SDP_REFUSED
 */
export function readParts(text: string): { readonly session: SdpPart; readonly streams: readonly SdpPart[] } {
  if (Buffer.byteLength(text) > maxPhoneSdpBytes) refuseSdp(`it is longer than ${maxPhoneSdpBytes} bytes`);
  const lines = text.split(/\r\n|\r|\n/).filter((line) => line !== '');
  if (lines.length > maxLines) refuseSdp(`it has more than ${maxLines} lines`);
  if (lines[0]?.trimEnd() !== 'v=0') refuseSdp('it does not begin with v=0');

  const session = new Part();
  const streams: Part[] = [];
  for (const line of lines) {
    const [, type = '', rest = ''] = /^([a-z])=(.*)$/.exec(line) ?? [];
    const value = rest.trim();
    if (type === 'm') {
      if (streams.length === maxSections) refuseSdp(`it has more than ${maxSections} sections`);
      streams.push(new Part());
    }
    const part = streams.at(-1) ?? session;
    if (type === 'a') addAttribute(part, value);
    else if (type !== '') part.add(type, value);
  }
  return { session, streams };
}

function addAttribute(part: Part, value: string): void {
  const colon = value.indexOf(':');
  const name = colon === -1 ? value : value.slice(0, colon);
  part.add(`a=${name.toLowerCase()}`, colon === -1 ? '' : value.slice(colon + 1).trim());
}
