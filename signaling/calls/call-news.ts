import type { CallChanged, CallEnded, CallIncoming } from '../../proto/gen/types.ts';

/** What sessions of somebody are told of a call; one of the three. */
export interface CallNews {
  readonly incoming?: CallIncoming | undefined;
  readonly changed?: CallChanged | undefined;
  readonly ended?: CallEnded | undefined;
}

/** Which of somebody's sessions: one alone, or all but one. Neither: all. */
export interface CallListeners {
  readonly only?: string | undefined;
  readonly except?: string | undefined;
}

/** Tells the sessions of an identity, wherever they are. At once and never failing. */
export type TellCall = (identity: string, news: CallNews, listeners?: CallListeners) => void;
