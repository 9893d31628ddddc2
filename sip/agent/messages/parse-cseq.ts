export interface CSeq {
  /** 0 to 2^31 - 1 (RFC 3261 section 8.1.1.5). */
  readonly number: number;
  readonly method: string;
}

export function parseCSeq(text: string): CSeq | undefined {
  const found = /^(\d{1,10})\s+([\w\-.!%*+`'~]+)$/.exec(text);
  const number = Number(found?.[1]);
  return found === null || number >= 2 ** 31 ? undefined : { number, method: found[2] ?? '' };
}

/** RAck: which reliable provisional response a PRACK means (RFC 3262 section 7.2). */
export interface RAck extends CSeq {
  readonly rseq: number;
}

export function parseRAck(text: string): RAck | undefined {
  const found = /^(\d{1,10})\s+(.+)$/.exec(text);
  const cseq = found === null ? undefined : parseCSeq(found[2] ?? '');
  const rseq = Number(found?.[1]);
  return cseq === undefined || rseq >= 2 ** 32 ? undefined : { rseq, ...cseq };
}
