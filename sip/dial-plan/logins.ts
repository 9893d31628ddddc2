import type { Clock } from '../../core/clock.ts';
import { hashUser } from '../agent/digest/algorithms.ts';
import { Nonces } from '../agent/digest/nonces.ts';
import { type AuthenticatedRequest, Authenticator } from '../drachtio/authenticator.ts';
import type { Source } from '../drachtio/incoming-call.ts';
import type { SrfHeaders } from '../drachtio/srf.ts';
import type { PlanData, PlanUser, TrunkData, UserSecret } from './plan-data.ts';

/** Whose password it was. */
export type Owner =
  | { readonly kind: 'user'; readonly user: PlanUser }
  | { readonly kind: 'trunk'; readonly trunk: TrunkData };

/** Who it is, or what the request is to be answered with. */
export type LoginVerdict =
  | { readonly owner: Owner }
  | { readonly owner: undefined; readonly status: number; readonly headers: SrfHeaders };

export interface LoginsOptions {
  readonly clock: Clock;
  /** Somebody did not know a password. */
  readonly refused?: ((source: Source) => void) | undefined;
}

interface Entry {
  readonly owner: Owner;
  readonly secret: UserSecret;
}

/** The passwords of users and of trunks that call by one. */
export class Logins {
  readonly #refused: LoginsOptions['refused'];
  /** Those of before a reload go on. */
  readonly #nonces: Nonces;
  #entries: ReadonlyMap<string, Entry> = new Map();
  #authenticator: Authenticator;

  constructor({ clock, refused }: LoginsOptions, plan: PlanData) {
    this.#refused = refused;
    this.#nonces = new Nonces(clock);
    this.#authenticator = this.#use(plan);
  }

  use(plan: PlanData): void {
    this.#authenticator = this.#use(plan);
  }

  has(login: string): boolean {
    return this.#entries.has(login);
  }

  async check(request: AuthenticatedRequest): Promise<LoginVerdict> {
    const entries = this.#entries;
    const verdict = await this.#authenticator.check(request);
    if (verdict.user === undefined) return { owner: undefined, status: verdict.status, headers: verdict.headers };
    const entry = entries.get(verdict.user);
    // A reload took it away meanwhile.
    return entry === undefined ? { owner: undefined, status: 403, headers: {} } : { owner: entry.owner };
  }

  #use({ realm, algorithms, users, trunks }: PlanData): Authenticator {
    const entries = new Map<string, Entry>();
    for (const user of users) entries.set(user.login, { owner: { kind: 'user', user }, secret: user.secret });
    for (const trunk of trunks) {
      const { login = '', secret } = trunk.inbound ?? {};
      if (login !== '' && secret !== undefined) entries.set(login, { owner: { kind: 'trunk', trunk }, secret });
    }
    this.#entries = entries;
    return new Authenticator({
      realm,
      nonces: this.#nonces,
      algorithms,
      find: async (login, algorithm) => {
        const secret = entries.get(login)?.secret;
        if (secret === undefined) return undefined;
        return 'password' in secret ? hashUser(algorithm, login, realm, secret.password) : secret.hashes[algorithm];
      },
      ...(this.#refused && { refused: this.#refused }),
    });
  }
}
