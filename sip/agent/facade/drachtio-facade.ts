import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import type { Clock, Timer } from '../../../core/clock.ts';
import { noBody, type SipMessage, type SipRequest, type SipResponse } from '../messages/message.ts';
import { tagOf } from '../messages/parse-name-addr.ts';
import { parseUri } from '../messages/parse-uri.ts';
import { serializeMessage } from '../messages/serialize-message.ts';
import { SipHeaders } from '../messages/sip-headers.ts';
import type { Hop } from '../transactions/hop.ts';
import type { Endpoint } from '../transports/endpoint.ts';
import { formatEndpoint } from '../transports/endpoint.ts';
import type { Flow } from '../transports/flow.ts';
import { contentType, type ResponseDraft } from '../user-agent/draft.ts';
import type { OutgoingRequest } from '../user-agent/request-sender.ts';
import { Session } from '../user-agent/session.ts';
import type { EndReason, Incoming, ResponseUser } from '../user-agent/session-events.ts';
import type { UserAgent, UserAgentUser } from '../user-agent/user-agent.ts';
import { AppConnection } from './app-connection.ts';
import { type AppMessage, readAppMessage } from './app-message.ts';
import {
  networkFrame,
  protocolToken,
  reply,
  requestSent,
  responseSent,
  textOf,
  timeToken,
  unsolicitedFrame,
} from './tokens.ts';

/** What drachtio-srf asks before it sends pings: at least v0.8.2. */
const protocolVersion = 'v0.9.4';
const mostApps = 16;
/** An application that says nothing of a request for so long is answered for. */
const silenceMs = 64_000;
/** An application that is gone may come back, or another one may go on; then its calls are ended. */
const orphanMs = 5_000;

export interface FacadeOptions {
  readonly clock: Clock;
  readonly secret: string;
}

interface Pending {
  readonly incoming: Incoming;
  readonly session: Session | undefined;
  readonly app: AppConnection;
  readonly silence: Timer;
}

/**
 * The wire protocol of drachtio on loopback: what `drachtio-srf` speaks to. It turns frames into calls of the user agent and what
 * that tells into frames. Who answers a request is told of it before anything that comes of the answer.
 */
export class DrachtioFacade implements UserAgentUser {
  readonly #clock: Clock;
  readonly #secret: string;
  readonly #server: Server;
  readonly #apps = new Set<AppConnection>();
  readonly #unknown = new Set<AppConnection>();
  /** Requests that wait for their answer, by the id that the application names them by. */
  readonly #pending = new Map<string, Pending>();
  /** Of INVITEs, which their ACK and CANCEL are told by. */
  readonly #inviteIds = new WeakMap<Session, string>();
  readonly #outgoing = new Map<string, Session | OutgoingRequest>();
  readonly #sessions = new Map<string, Session>();
  readonly #owners = new WeakMap<Session, AppConnection>();
  readonly #orphans = new Map<AppConnection, Timer>();
  #agent: UserAgent | undefined;
  #turn = 0;

  constructor({ clock, secret }: FacadeOptions) {
    this.#clock = clock;
    this.#secret = secret;
    this.#server = createServer((socket) => {
      if (this.#apps.size + this.#unknown.size >= mostApps) socket.destroy();
      else {
        const app: AppConnection = new AppConnection(socket, secret, {
          welcome: () => this.#welcome(app),
          frame: (from, id, tokens, message) => this.#frame(from, id, tokens, message),
          gone: (from) => this.#gone(from),
        });
        this.#unknown.add(app);
        socket.once('close', () => this.#unknown.delete(app));
      }
    });
  }

  /** On loopback, at a port that is free. @throws what the system says. */
  async listen(agent: UserAgent): Promise<{ readonly host: string; readonly port: number; readonly secret: string }> {
    this.#agent = agent;
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    const address = this.#server.address();
    return {
      host: '127.0.0.1',
      port: typeof address === 'object' && address !== null ? address.port : 0,
      secret: this.#secret,
    };
  }

  get stats() {
    return {
      apps: this.#apps.size,
      pending: this.#pending.size,
      outgoing: this.#outgoing.size,
      sessions: this.#sessions.size,
    };
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const app of [...this.#apps, ...this.#unknown]) app.close();
    for (const timer of this.#orphans.values()) timer.cancel();
    for (const { silence } of this.#pending.values()) silence.cancel();
    this.#pending.clear();
    await closed;
  }

  // From the network to applications

  request(incoming: Incoming, session: Session | undefined): void {
    const { request } = incoming;
    const inCall = session !== undefined && this.#sessions.has(idOf(session));
    const owner = session === undefined ? undefined : this.#owners.get(session);
    const app = owner?.open ? owner : this.#choose(request.method);
    if (app === undefined) {
      // A call goes on without its application only until it is ended.
      this.#user.respond(incoming, session, draft(inCall && request.method === 'BYE' ? 200 : 503));
      return;
    }
    const id = randomUUID();
    const silence = this.#clock.after(silenceMs, () => this.#silent(id));
    this.#pending.set(id, { incoming, session, app, silence });
    const first = session !== undefined && !inCall;
    if (session !== undefined) {
      if (first) this.#adopt(session, app);
      if (request.method === 'INVITE') this.#inviteIds.set(session, id);
    }
    const dialogId = inCall ? idOf(session) : '';
    app.send(
      networkFrame(
        this.#tokens(incoming.flow, incoming.bytes, id, dialogId),
        request,
        inCall ? undefined : incoming.flow.local,
      ),
    );
    if (first) this.#record(app, `cdr:attempt|network|${timeToken(this.#clock)}`, request);
  }

  canceled(cancel: SipRequest, incoming: Incoming, session: Session): void {
    const id = this.#inviteIds.get(session) ?? '';
    const app = this.#owners.get(session);
    this.#settle(id);
    app?.send(networkFrame(this.#tokens(incoming.flow, incoming.bytes, id, idOf(session)), cancel));
    if (app !== undefined)
      this.#record(app, `cdr:stop|network|${timeToken(this.#clock)}|call-canceled`, incoming.request);
  }

  acknowledged(ack: SipRequest, session: Session, flow: Flow): void {
    const id = this.#inviteIds.get(session) ?? '';
    const bytes = serializeMessage(ack).length;
    this.#owners.get(session)?.send(networkFrame(this.#tokens(flow, bytes, id, idOf(session)), ack));
  }

  ended(reason: EndReason, bye: SipRequest, session: Session): void {
    const app = this.#owners.get(session);
    if (app === undefined) return;
    const about = {
      bytes: 0,
      protocol: '',
      remote: undefined,
      time: timeToken(this.#clock),
      transactionId: 'unsolicited',
      dialogId: idOf(session),
    };
    app.send(unsolicitedFrame(about, bye));
    const why = reason === 'SESSION_EXPIRED' ? 'session-expired' : 'system-initiated-termination';
    this.#record(app, `cdr:stop|application|${timeToken(this.#clock)}|${why}`, bye);
  }

  over(session: Session): void {
    const id = idOf(session);
    if (this.#sessions.get(id) === session) this.#sessions.delete(id);
  }

  // From applications to the network

  #frame(app: AppConnection, id: string, [type, ...tokens]: readonly string[], text: string): void {
    if (type === 'proxy') {
      app.send(reply(id, 'NOK|proxy is not supported by the embedded agent'));
      return;
    }
    const message = readAppMessage(text);
    const [transactionId = '', dialogId = '', to = ''] = tokens;
    if (message === undefined) app.send(reply(id, 'NOK|the message could not be read'));
    else if (message.kind === 'response') this.#respond(app, id, transactionId, message);
    else if (message.method === 'CANCEL') this.#cancel(app, id, transactionId, message);
    else if (dialogId !== '') this.#inDialog(app, id, dialogId, message);
    else this.#begin(app, id, to, message);
  }

  #respond(app: AppConnection, id: string, transactionId: string, message: AppMessage & { kind: 'response' }): void {
    const pending = this.#pending.get(transactionId);
    if (pending === undefined) {
      app.send(reply(id, 'NOK|Response not sent due to unknown transaction'));
      return;
    }
    const { incoming, session } = pending;
    if (message.body.length > 0 && contentType(message.headers, message.body) === undefined) {
      app.send(reply(id, 'NOK|missing content-type'));
      return;
    }
    const { status, headers, body } = message;
    const reason = message.reason === '' ? {} : { reason: message.reason };
    const sent = this.#user.respond(incoming, session, { status, ...reason, headers, body });
    if (sent === undefined) {
      this.#settle(transactionId);
      app.send(reply(id, 'NOK|Response not sent due to unknown transaction'));
      return;
    }
    if (status >= 200) this.#settle(transactionId);
    else pending.silence.cancel();
    const { method } = incoming.request;
    const dialogId = session !== undefined && method !== 'BYE' ? idOf(session) : '';
    const bytes = serializeMessage(sent).length;
    app.send(responseSent(id, this.#tokens(incoming.flow, bytes, transactionId, dialogId), sent));
    if (method === 'INVITE' && status >= 200) this.#recordAnswer(app, sent, 'application', 'uas');
    if (method === 'BYE' && status >= 200)
      this.#record(app, `cdr:stop|network|${timeToken(this.#clock)}|normal-release`, incoming.request);
  }

  #cancel(app: AppConnection, id: string, transactionId: string, message: AppMessage & { kind: 'request' }): void {
    const outgoing = this.#outgoing.get(transactionId);
    if (outgoing === undefined) {
      app.send(reply(id, 'NOK|Server error: unable to find the INVITE to cancel'));
      return;
    }
    const extra = [...message.headers].filter(([name]) => name === 'Reason' || name.startsWith('X-'));
    const made = outgoing.cancel(extra);
    const time = timeToken(this.#clock);
    const about = { bytes: 0, protocol: '', remote: undefined, time, transactionId: randomUUID(), dialogId: '' };
    app.send(requestSent(id, about, made ?? { ...message, kind: 'request' }));
  }

  #inDialog(app: AppConnection, id: string, dialogId: string, message: AppMessage & { kind: 'request' }): void {
    const session = this.#sessions.get(dialogId);
    const { method, headers, body } = message;
    if (method === 'ACK') {
      const ack = session?.acknowledge({ headers, body });
      if (ack === undefined) {
        app.send(
          reply(id, 'NOK|Server error: ACK for non-success final response is automatically generated by server'),
        );
      } else {
        app.send(requestSent(id, this.#sentTokens(ack, undefined, randomUUID()), ack));
      }
      return;
    }
    if (session === undefined || session.dialog === undefined) {
      app.send(reply(id, 'NOK|Server error: unable to find dialog for dialog id provided'));
      return;
    }
    const transactionId = randomUUID();
    session.request(
      { method, headers, body },
      this.#responses(app, id, transactionId, () => dialogId),
    );
    if (method === 'BYE') {
      this.#record(app, `cdr:stop|application|${timeToken(this.#clock)}|normal-release`, message);
    }
  }

  #begin(app: AppConnection, id: string, to: string, message: AppMessage & { kind: 'request' }): void {
    const { method, uri, headers, body } = message;
    const known = this.#sessions.get(dialogIdOf(headers));
    // Applications may name a call by its Call-ID only.
    if (known !== undefined && known.state === 'confirmed') {
      this.#inDialog(app, id, idOf(known), message);
      return;
    }
    const wrong = wrongRequest(message);
    if (wrong !== undefined) {
      app.send(reply(id, `NOK|${wrong}`));
      return;
    }
    const transactionId = randomUUID();
    let made: Session | OutgoingRequest | undefined;
    const responses = this.#responses(
      app,
      id,
      transactionId,
      () => (isSession(made) ? idOf(made) : ''),
      method === 'INVITE',
    );
    made = this.#user.request(uri, { method, headers, body }, to === '' ? undefined : to, responses);
    this.#outgoing.set(transactionId, made);
    if (isSession(made)) this.#adopt(made, app);
  }

  /** Tells an application of its request and of what is answered. */
  #responses(
    app: AppConnection,
    id: string,
    transactionId: string,
    dialogId: () => string,
    begins = false,
  ): ResponseUser {
    let told = false;
    return {
      sent: ({ request, hop }) => {
        // Again for each further target: the application hears of the first.
        if (told) return;
        told = true;
        app.send(requestSent(id, this.#sentTokens(request, hop, transactionId), request));
        if (begins) this.#record(app, `cdr:attempt|application|${timeToken(this.#clock)}`, request);
      },
      response: (response, hop) => {
        const from = flowOf(hop)?.remote;
        const bytes = hop === undefined ? 0 : serializeMessage(response).length;
        const about = {
          bytes,
          protocol: protocolToken(hop),
          remote: from,
          time: timeToken(this.#clock),
          transactionId,
          dialogId: dialogId(),
        };
        app.send(networkFrame(about, response));
        if (begins && response.status >= 200) this.#recordAnswer(app, response, 'network', 'uac');
      },
      ended: () => void this.#outgoing.delete(transactionId),
    };
  }

  // What is kept

  get #user(): UserAgent {
    if (this.#agent === undefined) throw new Error('the façade does not listen yet');
    return this.#agent;
  }

  #welcome(app: AppConnection): string {
    this.#unknown.delete(app);
    this.#apps.add(app);
    const places = this.#user.listening
      .map(({ protocol, ...at }) => `${protocol.toLowerCase()}/${formatEndpoint(at)}`)
      .join(',');
    return `OK|${places}|${protocolVersion}|${places}`;
  }

  #gone(app: AppConnection): void {
    this.#apps.delete(app);
    const timer = this.#clock.after(orphanMs, () => {
      this.#orphans.delete(app);
      for (const session of [...this.#sessions.values()])
        if (this.#owners.get(session) === app) session.end('APPLICATION_GONE');
    });
    this.#orphans.set(app, timer);
    for (const [id, pending] of this.#pending) if (pending.app === app) this.#silent(id);
  }

  #silent(id: string): void {
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    this.#settle(id);
    this.#user.respond(pending.incoming, pending.session, draft(pending.app.open ? 504 : 503));
  }

  #settle(id: string): void {
    this.#pending.get(id)?.silence.cancel();
    this.#pending.delete(id);
  }

  #adopt(session: Session, app: AppConnection): void {
    this.#sessions.set(idOf(session), session);
    this.#owners.set(session, app);
  }

  /** In turn, of those who want it. */
  #choose(method: string): AppConnection | undefined {
    const willing = [...this.#apps].filter((app) => app.wants(method));
    this.#turn += 1;
    return willing[this.#turn % Math.max(willing.length, 1)];
  }

  #record(app: AppConnection, what: string, message: SipMessage): void {
    const [kind = ''] = what.split('|');
    if (app.wants(kind)) app.send(`${randomUUID()}|${what}\r\n${textOf(message)}`);
  }

  #recordAnswer(
    app: AppConnection,
    response: SipResponse,
    source: 'network' | 'application',
    role: 'uac' | 'uas',
  ): void {
    const time = timeToken(this.#clock);
    if (response.status < 300) this.#record(app, `cdr:start|${source}|${time}|${role}`, response);
    else
      this.#record(
        app,
        `cdr:stop|${source}|${time}|${response.status === 487 ? 'call-canceled' : 'call-rejected'}`,
        response,
      );
  }

  #tokens(flow: Flow, bytes: number, transactionId: string, dialogId: string) {
    return {
      bytes,
      protocol: protocolToken(flow),
      remote: flow.remote,
      time: timeToken(this.#clock),
      transactionId,
      dialogId,
    };
  }

  #sentTokens(message: SipMessage, hop: Hop | undefined, transactionId: string) {
    const remote: Endpoint | undefined = flowOf(hop)?.local;
    return {
      bytes: serializeMessage(message).length,
      protocol: protocolToken(hop),
      remote,
      time: timeToken(this.#clock),
      transactionId,
      dialogId: '',
    };
  }
}

/** What drachtio calls a call, for both of its sides. */
function idOf({ callId, inviterTag }: Session): string {
  return `${callId};from-tag=${inviterTag}`;
}

function dialogIdOf(headers: SipHeaders): string {
  return `${headers.get('Call-ID') ?? ''};from-tag=${tagOf(headers.get('From')) ?? ''}`;
}

function isSession(made: Session | OutgoingRequest | undefined): made is Session {
  return made instanceof Session;
}

/** Requests leave by flows, and answers come back on them. */
function flowOf(hop: Hop | undefined): Pick<Flow, 'local' | 'remote'> | undefined {
  return hop !== undefined && 'remote' in hop ? (hop as Flow) : undefined;
}

function draft(status: number): ResponseDraft {
  return { status, headers: new SipHeaders(), body: noBody };
}

function wrongRequest({ uri, headers, body }: AppMessage & { kind: 'request' }): string | undefined {
  const parsed = parseUri(uri);
  if (parsed === undefined || parsed.scheme === 'other') return `invalid request-uri: ${uri}`;
  return body.length > 0 && contentType(headers, body) === undefined ? 'missing content-type' : undefined;
}
