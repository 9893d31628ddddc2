import type { SipRequest } from '../messages/message.ts';
import type { Endpoint } from '../transports/endpoint.ts';

/** Who may send what: `defence/` has the rules. */
export interface Guard {
  /** Before anything of a source is read. */
  admits(remote: Endpoint): boolean;
  /** A request that is well-formed: what it is refused with; `'drop'` for those who get no answer at all. */
  judge(request: SipRequest, remote: Endpoint, inDialog: boolean, load: Load): Judgement | 'drop' | undefined;
  /** Bytes that were no message, or a request that was refused for its form. */
  offended(remote: Endpoint): void;
}

export interface Judgement {
  readonly status: number;
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** What there is of each. */
export interface Load {
  readonly calls: number;
  readonly dialogs: number;
  readonly transactions: number;
}
