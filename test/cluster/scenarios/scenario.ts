import { eventually } from '../../support/eventually.ts';
import type { People } from './people.ts';
import type { Servers } from './servers.ts';

/** What a scenario has: who takes part, and where. */
export interface Stage {
  readonly people: People;
  readonly servers: Servers;
  /** Another one for each scenario. */
  readonly room: string;
}

/** A sentence, and what makes it true. */
export type Scenario = readonly [name: string, run: (stage: Stage) => Promise<void>];

/** Generous: only the truth counts, not how soon it is there. */
export const soon = (condition: () => unknown, what: string): Promise<unknown> => eventually(condition, what, 30_000);
