import { randomBytes } from 'node:crypto';
import type { SrtpSuite } from '../../mixer/rtp/srtp-keys.ts';
import { type CryptoLine, srtpKeyBytes, srtpSuites } from './crypto-line.ts';
import type { SrtpKeys } from './leg-media.ts';
import type { PhoneAudio } from './read-phone-sdp.ts';

/** SDES (RFC 4568). `optional`: as the other side wants; our offer is one of plain RTP with keys. */
export type SrtpPolicy = 'never' | 'optional' | 'required';

/**
 * The keys by which we send: one for each suite, as long as that is agreed on, so that the counters of SRTP go on. They end
 * with it: where a suite comes back its counters begin at 0, and by the same key the same keystream would be used twice.
 */
export class OwnKeys {
  readonly #keys = new Map<SrtpSuite, Uint8Array>();
  #used: SrtpSuite | undefined;

  of(suite: SrtpSuite): Uint8Array {
    const key = this.#keys.get(suite) ?? new Uint8Array(randomBytes(srtpKeyBytes));
    this.#keys.set(suite, key);
    return key;
  }

  /** What is sent by from now on. */
  agree(keys: SrtpKeys | undefined): void {
    if (this.#used !== undefined && this.#used !== keys?.suite) this.#keys.delete(this.#used);
    this.#used = keys?.suite;
    if (keys) this.#keys.set(keys.suite, keys.sendKey);
  }

  /** What we offer, the given suite first. */
  offer(first: SrtpSuite | undefined): readonly CryptoLine[] {
    const suites = first === undefined ? srtpSuites : [first, ...srtpSuites.filter((suite) => suite !== first)];
    return suites.map((suite, index) => ({ tag: String(index + 1), suite, key: this.of(suite), mkiBytes: 0 }));
  }
}

/** What is agreed on, or why there can be no agreement. */
export type KeyChoice = { readonly line: CryptoLine | undefined } | { readonly problem: string };

/** Of their offer: the first of its keys that we can use. Keys beside plain RTP are taken where they may be. */
export function chooseKey({ secure, crypto }: PhoneAudio, policy: SrtpPolicy): KeyChoice {
  if (policy === 'never') return secure ? { problem: 'encrypted media is not served here' } : { line: undefined };
  const [line] = crypto;
  if (line !== undefined) return { line };
  if (secure) return { problem: 'it has no key that can be used (a=crypto)' };
  return policy === 'required' ? { problem: 'its media is not encrypted, as is wanted here' } : { line: undefined };
}

/** Of the answer to what we offered. Where it has keys that cannot be used, plain RTP would be noise to it. */
export function matchKey(audio: PhoneAudio, offered: readonly CryptoLine[], plainIsOffered: boolean): KeyChoice {
  const { secure, crypto, hasCrypto } = audio;
  if (offered.length === 0) return secure ? { problem: 'plain media was offered' } : { line: undefined };
  const suites = new Map(offered.map(({ tag, suite }) => [tag, suite]));
  // By its tag; some phones count anew.
  const line =
    crypto.find(({ tag, suite }) => suites.get(tag) === suite) ??
    crypto.find(({ suite }) => offered.some((own) => own.suite === suite));
  if (line !== undefined) return { line };
  if (secure || hasCrypto) return { problem: 'it has no key that can be used (a=crypto)' };
  return plainIsOffered ? { line: undefined } : { problem: 'its media is not encrypted, as was offered' };
}

/** `offered`: by which of our keys we said that we would send. */
export function keysOf(
  line: CryptoLine | undefined,
  own: OwnKeys,
  offered: readonly CryptoLine[] = [],
): SrtpKeys | undefined {
  return (
    line && {
      suite: line.suite,
      sendKey: offered.find(({ suite }) => suite === line.suite)?.key ?? own.of(line.suite),
      receiveKey: line.key,
      receiveMkiBytes: line.mkiBytes,
    }
  );
}
