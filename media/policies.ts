import type { Logger } from '../core/log.ts';
import type { CreatePolicy, PolicyContext, RoomPolicy } from './room-policy.ts';

type Told = Required<RoomPolicy>;

/** The policies of one room: told one after the other, in the order in which they were given. */
export class Policies {
  readonly #policies: RoomPolicy[];
  readonly #log: Logger;
  readonly #room: string;

  constructor(create: readonly CreatePolicy[], context: Omit<PolicyContext, 'tellSampled'>) {
    this.#log = context.log;
    this.#room = context.room;
    const whole: PolicyContext = { ...context, tellSampled: (sampled) => this.tell('sampled', sampled) };
    this.#policies = create.map((make) => make(whole));
  }

  /** Told after all that are there. */
  add(policy: RoomPolicy): void {
    this.#policies.push(policy);
  }

  tell<Name extends keyof Told>(name: Name, ...told: Parameters<Told[Name]>): void {
    for (const policy of this.#policies) {
      try {
        (policy[name] as ((...args: Parameters<Told[Name]>) => void) | undefined)?.apply(policy, told);
      } catch (error) {
        this.#log.error({ err: error, room: this.#room, told: name }, 'a policy of room media failed');
      }
    }
  }
}
