import type { MediaOptions } from './media-options.ts';

/** A media worker that did not start; `option` is the one that decides about what failed. */
export class MediaStartError extends Error {
  readonly option: keyof MediaOptions;

  constructor(option: keyof MediaOptions, message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = 'MediaStartError';
    this.option = option;
  }
}
