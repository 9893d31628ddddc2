/** What rooms' logs had to mend, since the start. */
export interface LogCounts {
  /** Holes that were waited at, because what others appended comes by itself most likely. */
  waits: number;
  /** Reads of what a room missed; `epoch`: the log was said to be another one, `rewound`: it was not the one that was told. */
  readonly repairs: Record<'records' | 'epoch' | 'rewound', number>;
  /**
   * Logs that got another epoch. `chain`: an answer or a push was of another log under the same numbers. `behind`: the store had
   * less than was told.
   */
  readonly epochBumps: Record<'chain' | 'behind', number>;
}

export const noLogCounts = (): LogCounts => ({
  waits: 0,
  repairs: { records: 0, epoch: 0, rewound: 0 },
  epochBumps: { chain: 0, behind: 0 },
});
