import type { SrtpSuite } from '../../mixer/rtp/srtp-keys.ts';

/** In the order of preference. */
export const srtpSuites: readonly SrtpSuite[] = ['AES_CM_128_HMAC_SHA1_80', 'AES_CM_128_HMAC_SHA1_32'];
/** RFC 4568 section 6.1: a master key of 128 bits and a salt of 112. */
export const srtpKeyBytes = 30;

/** `a=crypto` (RFC 4568 section 9.1). */
export interface CryptoLine {
  readonly tag: string;
  readonly suite: SrtpSuite;
  readonly key: Uint8Array;
  /** Of the name of the key that comes with each packet (MKI); 0 without. */
  readonly mkiBytes: number;
}

const pattern = /^(\d{1,9})\s+(\w{1,64})\s+(\S+)(?:\s+(.*))?$/;
/** Key and salt; how long they may be used, which is longer than calls; and the key's name with its length. */
const inlinePattern = /^inline:([A-Za-z0-9+/]{40})={0,2}(?:\|[\d^]{1,24})?(?:\|\d{1,20}:(\d{1,3}))?$/i;
const maxMkiBytes = 128;

/**
 * Undefined where it cannot be used: another suite, a key that is none, several keys, and parameters that change how
 * packets are made.
 */
export function readCryptoLine(value: string): CryptoLine | undefined {
  const [, tag = '', suiteText = '', keys = '', parameters = ''] = pattern.exec(value) ?? [];
  const suite = srtpSuites.find((known) => known === suiteText.toUpperCase());
  const inline = inlinePattern.exec(keys);
  if (suite === undefined || inline === null) return undefined;
  if (!parameters.split(/\s+/).every(changesNothing)) return undefined;
  const key = new Uint8Array(Buffer.from(inline[1] ?? '', 'base64'));
  const mkiBytes = Number(inline[2] ?? 0);
  return key.length === srtpKeyBytes && mkiBytes <= maxMkiBytes ? { tag, suite, key, mkiBytes } : undefined;
}

/** RFC 4568 section 6.3: the size of the window is a hint, and what begins with `-` may be passed over. */
function changesNothing(parameter: string): boolean {
  return parameter === '' || parameter.startsWith('-') || /^WSH=\d+$/i.test(parameter);
}

/** Without a name of the key: there is one. */
export function writeCryptoLine({ tag, suite, key }: Omit<CryptoLine, 'mkiBytes'>): string {
  return `a=crypto:${tag} ${suite} inline:${Buffer.from(key).toString('base64')}`;
}
