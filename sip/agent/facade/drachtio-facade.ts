import type { Clock, Timer } from '../../../core/clock.ts';
import { noBody, type SipRequest, type SipResponse } from '../messages/message.ts';
import { SipHeaders } from '../messages/sip-headers.ts';
import { formatEndpoint } from '../transports/endpoint.ts';
import type { Flow } from '../transports/flow.ts';
import type { ResponseDraft } from '../user-agent/draft.ts';
import { InviteSession } from '../user-agent/invite-session.ts';
import type { Session } from '../user-agent/session.ts';
import type { EndReason, Incoming } from '../user-agent/session-events.ts';
import type { UserAgent } from '../user-agent/user-agent.ts';
import type { UserAgentUser } from '../user-agent/user-agent-user.ts';
import type { AppConnection } from './app-connection.ts';
import { AppListener } from './app-listener.ts';
import { AppRequests } from './app-requests.ts';
import { CallData } from './call-data.ts';
import { Calls } from './calls.ts';
import { type Pending, PendingRequests } from './pending-requests.ts';
import { networkFrame, receivedTokens, unsolicitedFrame } from './tokens.ts';

/** What drachtio-srf asks before it sends pings: at least v0.8.2. */
const protocolVersion = 'v0.9.4';
/** Calls of an application that is gone: what it sent last may still be under way. */
const orphanMs = 5_000;

export interface FacadeOptions {
  readonly clock: Clock;
  /** Whoever knows it, may make calls: 32 random bytes. */
  readonly secret: string;
}

/**
 * The wire protocol of drachtio on loopback: what `drachtio-srf` speaks to. It turns frames into calls of the user agent and what
 * that tells into frames. Who answers a request is told of it before anything that comes of the answer.
 */
export class DrachtioFacade implements UserAgentUser {
  readonly #clock: Clock;
  readonly #secret: string;
  readonly #apps: AppListener;
  readonly #calls = new Calls();
  readonly #pending: PendingRequests;
  readonly #data: CallData;
  /** Of applications that are gone, until their calls are ended. */
  readonly #orphans = new Map<AppConnection, Timer>();
  #started: { readonly agent: UserAgent; readonly requests: AppRequests } | undefined;

  constructor({ clock, secret }: FacadeOptions) {
    this.#clock = clock;
    this.#secret = secret;
    this.#data = new CallData(clock);
    this.#pending = new PendingRequests(clock, (pending) => this.#answerFor(pending));
    this.#apps = new AppListener(
      { clock, secret },
      {
        welcome: () => this.#welcome(),
        frame: (app, id, tokens, message) => this.#user.requests.frame(app, id, tokens, message),
        gone: (app) => this.#gone(app),
      },
    );
  }

  /** On loopback, at a port that is free. @throws what the system says. */
  async listen(agent: UserAgent): Promise<{ readonly host: string; readonly port: number; readonly secret: string }> {
    const requests = new AppRequests({
      clock: this.#clock,
      calls: this.#calls,
      pending: this.#pending,
      data: this.#data,
      agent,
    });
    this.#started = { agent, requests };
    return { host: '127.0.0.1', port: await this.#apps.listen(), secret: this.#secret };
  }

  get stats() {
    return {
      apps: this.#apps.size,
      pending: this.#pending.size,
      outgoing: this.#started?.requests.size ?? 0,
      sessions: this.#calls.size,
    };
  }

  /** How many applications want requests of this method. */
  wanting(method: string): number {
    return this.#apps.wanting(method);
  }

  /** After the user agent, which ends the calls and tells of it. */
  async close(): Promise<void> {
    for (const timer of this.#orphans.values()) timer.cancel();
    this.#orphans.clear();
    this.#pending.clear();
    await this.#apps.close();
  }

  request(incoming: Incoming, session: Session | undefined): void {
    const { request, flow } = incoming;
    const known = this.#calls.of(session);
    // Of a call that they do not have, other applications could make nothing.
    const app = known === undefined ? this.#apps.choose(request.method) : known.app;
    if (app === undefined || !app.open) {
      this.#user.agent.respond(incoming, session, draft(request.method === 'BYE' ? 200 : 503));
      return;
    }
    const begins = known === undefined && session !== undefined;
    const first = begins && request.method === 'INVITE';
    const id = this.#pending.add({ incoming, session, app, first });
    const call = begins ? this.#calls.adopt(session, app) : known;
    if (call !== undefined && request.method === 'INVITE') call.inviteId = id;
    const about = receivedTokens(this.#clock, incoming, id, known?.id ?? '');
    app.send(networkFrame(about, request, known === undefined ? flow.local : undefined));
    if (first) this.#data.attempt(app, 'network', request);
    else if (request.method === 'BYE' && session instanceof InviteSession) this.#data.released(app, 'network', request);
  }

  canceled(cancel: SipRequest, incoming: Incoming, session: Session): void {
    const call = this.#calls.of(session);
    if (call === undefined) return;
    call.app.send(networkFrame(receivedTokens(this.#clock, incoming, call.inviteId, call.id), cancel));
    this.#data.canceled(call.app, incoming.request);
  }

  /** drachtio-srf knows one way in which an INVITE that rings ends without its application: a CANCEL. */
  refused(response: SipResponse, cancel: SipRequest, incoming: Incoming, session: Session): void {
    const call = this.#calls.of(session);
    if (call === undefined) return;
    const first = this.#pending.get(call.inviteId)?.first ?? false;
    call.app.send(networkFrame(receivedTokens(this.#clock, incoming, call.inviteId, call.id), cancel));
    if (first) this.#data.answer(call.app, 'application', 'uas', response);
  }

  acknowledged(ack: SipRequest, session: Session, flow: Flow): void {
    const call = this.#calls.of(session);
    if (call === undefined) return;
    const about = receivedTokens(this.#clock, { flow }, call.inviteId, call.id);
    call.app.send(networkFrame(about, ack));
  }

  ended(reason: EndReason, bye: SipRequest, session: Session): void {
    const call = this.#calls.of(session);
    if (call === undefined) return;
    call.app.send(unsolicitedFrame(this.#clock, call.id, bye));
    this.#data.ended(call.app, reason, bye);
  }

  over(session: Session): void {
    const call = this.#calls.of(session);
    if (call === undefined) return;
    // Its INVITE was answered without the application: canceled, or the call ended around it.
    this.#pending.settle(call.inviteId);
    this.#calls.remove(call);
  }

  get #user() {
    if (this.#started === undefined) throw new Error('the façade does not listen yet');
    return this.#started;
  }

  #welcome(): string {
    const places = this.#user.agent.listening
      .map(({ protocol, ...at }) => `${protocol.toLowerCase()}/${formatEndpoint(at)}`)
      .join(',');
    return `OK|${places}|${protocolVersion}|${places}`;
  }

  #gone(app: AppConnection): void {
    for (const pending of this.#pending.takeOf(app)) this.#answerFor(pending);
    if (this.#calls.ofApp(app).length === 0) return;
    const timer = this.#clock.after(orphanMs, () => {
      this.#orphans.delete(app);
      for (const { session } of this.#calls.ofApp(app)) session.end('APPLICATION_GONE');
    });
    this.#orphans.set(app, timer);
  }

  /** The application said nothing, and now it is too late. A BYE ends its call whoever knows of it. */
  #answerFor({ incoming, session, app, first }: Pending): void {
    const status = incoming.request.method === 'BYE' ? 200 : app.open ? 504 : 503;
    const sent = this.#user.agent.respond(incoming, session, draft(status));
    if (first && sent !== undefined) this.#data.answer(app, 'application', 'uas', sent);
  }
}

function draft(status: number): ResponseDraft {
  return { status, headers: new SipHeaders(), body: noBody };
}
