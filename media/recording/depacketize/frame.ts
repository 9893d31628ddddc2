export interface PictureSize {
  readonly width: number;
  readonly height: number;
}

/** What a decoder takes at once: a picture, or a piece of sound. Nothing of it is missing. */
export interface Frame {
  readonly data: Uint8Array;
  /** It needs none before it. */
  readonly key: boolean;
  /** RTP's, of 32 bits. */
  readonly timestamp: number;
  /** Of a sound, in milliseconds. */
  readonly durationMs?: number | undefined;
  /** Where it says so itself: a key frame does. */
  readonly size?: PictureSize | undefined;
  /**
   * What a file says of H.264 and AV1 before the first frame: the name of the profile, and the avcC box (ISO/IEC 14496-15) of
   * H.264.
   */
  readonly config?: { readonly codec: string; readonly description?: Uint8Array } | undefined;
}
