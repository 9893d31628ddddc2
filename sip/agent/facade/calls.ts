import type { Hop } from '../transactions/hop.ts';
import type { Session } from '../user-agent/session.ts';
import type { AppConnection } from './app-connection.ts';

/** What applications know a call by, and which of them has it. */
export interface Call {
  readonly id: string;
  readonly session: Session;
  readonly app: AppConnection;
  /** Of its newest INVITE that came, which its ACK and CANCEL are told by. */
  inviteId: string;
  /** The way that its last request took. */
  hop: Hop | undefined;
}

/** The calls that applications have: as many as the user agent has, which bounds them. */
export class Calls {
  readonly #byId = new Map<string, Call>();
  /** An application names a call by its Call-ID alone, when it wants to. The newest one counts. */
  readonly #byCallId = new Map<string, Call>();
  /** Until nobody holds the session: what came last of a call is told after it is over. */
  readonly #bySession = new WeakMap<Session, Call>();

  get size(): number {
    return this.#byId.size;
  }

  adopt(session: Session, app: AppConnection): Call {
    const { callId, inviterTag } = session;
    // As drachtio writes it, for both sides of a call. One that comes back to the agent that made it has both sides here. A bar would
    // end the token, and the rest of it may name another call.
    const usual = `${callId};from-tag=${inviterTag}`.replaceAll('|', '%7C');
    let id = usual;
    // Whoever sends one INVITE after the other with all the same has calls of their own as well.
    for (let more = 1; this.#byId.has(id); more += 1) id = `${usual};back${more === 1 ? '' : more}`;
    const call: Call = { id, session, app, inviteId: '', hop: undefined };
    this.#byId.set(id, call);
    this.#byCallId.set(callId, call);
    this.#bySession.set(session, call);
    return call;
  }

  find(id: string): Call | undefined {
    return this.#byId.get(id);
  }

  ofCallId(callId: string): Call | undefined {
    return this.#byCallId.get(callId);
  }

  of(session: Session | undefined): Call | undefined {
    return session === undefined ? undefined : this.#bySession.get(session);
  }

  ofApp(app: AppConnection): Call[] {
    return [...this.#byId.values()].filter((call) => call.app === app);
  }

  remove(call: Call): void {
    if (this.#byId.get(call.id) === call) this.#byId.delete(call.id);
    if (this.#byCallId.get(call.session.callId) === call) this.#byCallId.delete(call.session.callId);
  }
}
