/** When a link is given up, and when it is tried again. */
export interface LinkTiming {
  readonly beatMs: number;
  /**
   * A side that hears nothing for so many of its own beats gives the link up. Beats and no time: who was itself without a
   * processor for a while finds what came meanwhile behind the beat that is late.
   */
  readonly silentBeats: number;
  /** Between tries to open it: the first, doubled each time up to the last. */
  readonly retryMs: { readonly first: number; readonly last: number };
}

export const linkTiming: LinkTiming = { beatMs: 1_000, silentBeats: 3, retryMs: { first: 250, last: 2_000 } };
