/** What can be played to a phone. */
export type Sound =
  | { readonly pcm: Int16Array; readonly sampleRate: 8000 | 16_000 }
  /** In hertz, together. */
  | { readonly tones: readonly number[]; readonly ms: number }
  | { readonly silenceMs: number };

export interface PlayOptions {
  /** A digit stops it. */
  readonly bargeIn?: boolean | undefined;
  /** Until it is stopped. */
  readonly loop?: boolean | undefined;
}

/** Heard to the end, stopped by a digit, or by something else. */
export type PlayResult = 'played' | 'barged' | 'stopped';
