/** Why a call by a trunk came to nothing. */
export const failureCauses = [
  'unreachable',
  'overloaded',
  'refused',
  'unknown-number',
  'busy',
  'no-answer',
  'declined',
  'limit',
  'other',
] as const;
export type FailureCause = (typeof failureCauses)[number];

/** Since this node knows the trunk. Each target that is tried is a call. */
export interface CallCounts {
  readonly incoming: number;
  readonly outgoing: number;
  readonly answered: number;
  readonly failed: Readonly<Record<FailureCause, number>>;
}

const causesOf: readonly (readonly [cause: FailureCause, statuses: readonly number[]])[] = [
  ['unreachable', [0, 408]],
  ['overloaded', [500, 503, 504]],
  // It does not know us, or does not let us.
  ['refused', [401, 403, 407]],
  ['unknown-number', [404, 410, 484, 604]],
  ['busy', [486, 600]],
  ['no-answer', [480, 487]],
  ['declined', [603, 607, 608]],
];

/** Of the status that a target gave; 0 for none. */
export function causeOf(status: number): FailureCause {
  return causesOf.find(([, statuses]) => statuses.includes(status))?.[0] ?? 'other';
}

/** Counts of one trunk. `limit`: its own limits did not let a call begin. */
export class CallCounter {
  #incoming = 0;
  #outgoing = 0;
  #answered = 0;
  readonly #failed: Record<FailureCause, number>;

  constructor() {
    const none = failureCauses.map((cause) => [cause, 0] as const);
    this.#failed = Object.fromEntries(none) as Record<FailureCause, number>;
  }

  get counts(): CallCounts {
    const [incoming, outgoing, answered] = [this.#incoming, this.#outgoing, this.#answered];
    return { incoming, outgoing, answered, failed: { ...this.#failed } };
  }

  began(direction: 'incoming' | 'outgoing'): void {
    if (direction === 'incoming') this.#incoming += 1;
    else this.#outgoing += 1;
  }

  answered(): void {
    this.#answered += 1;
  }

  failed(cause: FailureCause): void {
    this.#failed[cause] += 1;
  }
}
