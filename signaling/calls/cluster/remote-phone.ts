import type { Life } from '../../../cluster/directory.ts';
import type { PhoneJoin, PhoneLeft } from '../../phones/phone-desk.ts';
import type { LegName } from '../leg.ts';
import type { LegPhone } from '../leg-phone.ts';
import type { PhoneWish } from './call-asks.ts';
import type { NodeAsks } from './node-asks.ts';

/** A phone that is in a room by another node. */
export class RemotePhone implements LegPhone {
  readonly #asks: NodeAsks;
  readonly #life: Life;
  readonly #of: LegName;

  constructor(asks: NodeAsks, life: Life, of: LegName) {
    this.#asks = asks;
    this.#life = life;
    this.#of = of;
  }

  hold(hold: boolean): void {
    this.#wish({ hold });
  }

  mute(mute: boolean): void {
    this.#wish({ mute });
  }

  sendDigits(digits: string, durationMs: number): void {
    this.#wish({ digits: { digits, durationMs } });
  }

  move(move: PhoneJoin): void {
    this.#wish({ move });
  }

  end(end: PhoneLeft): void {
    this.#wish({ end });
  }

  #wish(wish: PhoneWish): void {
    this.#asks.tell(this.#life, 'wish', { of: this.#of, wish });
  }
}
