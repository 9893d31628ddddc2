/** What a message may have. Beyond: a fault with the limit's name. */
export interface MessageLimits {
  /** Bytes of start line and header fields together. */
  readonly headBytes: number;
  /** Bytes of the body. */
  readonly bodyBytes: number;
  /** Bytes of one header field, folded lines included. */
  readonly fieldBytes: number;
  readonly fields: number;
}

export const messageLimits: MessageLimits = { headBytes: 65_536, bodyBytes: 65_536, fieldBytes: 8_192, fields: 256 };
