import { noTelephony, type Telephony } from '../../signaling/calls/telephony.ts';

/** Phones are rung by it as soon as there is an exchange: people are there before phones are. */
export class LateTelephony implements Telephony {
  exchange: { readonly telephony: Telephony } | undefined;

  get canDial(): boolean {
    return this.#now.canDial;
  }

  get #now(): Telephony {
    return this.exchange?.telephony ?? noTelephony;
  }

  ring(...request: Parameters<Telephony['ring']>): ReturnType<Telephony['ring']> {
    return this.#now.ring(...request);
  }
}
