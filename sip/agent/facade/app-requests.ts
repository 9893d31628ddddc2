import { randomUUID } from 'node:crypto';
import type { Clock } from '../../../core/clock.ts';
import type { SipRequest } from '../messages/message.ts';
import { parseUri } from '../messages/parse-uri.ts';
import type { Hop } from '../transactions/hop.ts';
import { contentType } from '../user-agent/draft.ts';
import type { OutgoingRequest } from '../user-agent/request-sender.ts';
import { Session } from '../user-agent/session.ts';
import type { ResponseUser } from '../user-agent/session-events.ts';
import type { UserAgent } from '../user-agent/user-agent.ts';
import type { AppConnection } from './app-connection.ts';
import { type AppMessage, readAppMessage } from './app-message.ts';
import type { CallData } from './call-data.ts';
import type { Call, Calls } from './calls.ts';
import type { PendingRequests } from './pending-requests.ts';
import { answerTokens, networkFrame, receivedTokens, reply, requestSent, responseSent, sentTokens } from './tokens.ts';

type AppRequest = AppMessage & { readonly kind: 'request' };
type AppResponse = AppMessage & { readonly kind: 'response' };

interface Outgoing {
  readonly made: Session | OutgoingRequest;
  /** The way that it took; undefined until it did. */
  hop: Hop | undefined;
}

const unknownTransaction = 'NOK|Response not sent due to unknown transaction';

/** What applications want sent: answers, requests, ACKs and CANCELs, each by the rules that drachtio has for it. */
export class AppRequests {
  readonly #clock: Clock;
  readonly #calls: Calls;
  readonly #pending: PendingRequests;
  readonly #data: CallData;
  readonly #agent: UserAgent;
  /** Requests of theirs, by transaction, until nothing comes any more. As many as there are client transactions. */
  readonly #outgoing = new Map<string, Outgoing>();

  constructor(about: { clock: Clock; calls: Calls; pending: PendingRequests; data: CallData; agent: UserAgent }) {
    this.#clock = about.clock;
    this.#calls = about.calls;
    this.#pending = about.pending;
    this.#data = about.data;
    this.#agent = about.agent;
  }

  get size(): number {
    return this.#outgoing.size;
  }

  frame(app: AppConnection, id: string, [type, ...tokens]: readonly string[], text: string): void {
    if (type === 'proxy') {
      app.send(reply(id, 'NOK|proxy is not supported by the embedded agent'));
      return;
    }
    const message = readAppMessage(text);
    const [transactionId = '', dialogId = '', to = ''] = tokens;
    if (message === undefined) app.send(reply(id, 'NOK|the message could not be read'));
    else if (message.kind === 'response') this.#respond(app, id, transactionId, message);
    else if (message.method === 'CANCEL') this.#cancel(app, id, transactionId, message);
    else if (dialogId !== '') this.#inDialog(app, id, this.#calls.find(dialogId), message);
    else this.#begin(app, id, to, message);
  }

  #respond(app: AppConnection, id: string, transactionId: string, message: AppResponse): void {
    const pending = this.#pending.get(transactionId);
    if (pending === undefined) {
      app.send(reply(id, unknownTransaction));
      return;
    }
    const { incoming, session, first } = pending;
    if (message.body.length > 0 && contentType(message.headers, message.body) === undefined) {
      app.send(reply(id, 'NOK|missing content-type'));
      return;
    }
    const { status, headers, body } = message;
    const reason = message.reason === '' ? {} : { reason: message.reason };
    const sent = this.#agent.respond(incoming, session, { status, ...reason, headers, body });
    if (sent === undefined || status >= 200) this.#pending.settle(transactionId);
    else this.#pending.answering(transactionId);
    if (sent === undefined) {
      app.send(reply(id, unknownTransaction));
      return;
    }
    const dialogId = incoming.request.method === 'BYE' ? '' : (this.#calls.of(session)?.id ?? '');
    const { flow } = incoming;
    const about = receivedTokens(this.#clock, { flow }, transactionId, dialogId);
    app.send(responseSent(id, about, sent));
    if (first && status >= 200) this.#data.answer(app, 'application', 'uas', sent);
  }

  #cancel(app: AppConnection, id: string, transactionId: string, message: AppRequest): void {
    const outgoing = this.#outgoing.get(transactionId);
    if (outgoing === undefined) {
      app.send(reply(id, 'NOK|Server error: unable to find the INVITE to cancel'));
      return;
    }
    // Who and where is the INVITE's, whatever the application says (RFC 3261 section 9.1).
    const extra = [...message.headers].filter(([name]) => name === 'Reason' || name.startsWith('X-'));
    const cancel: SipRequest = outgoing.made.cancel(extra) ?? message;
    app.send(requestSent(id, sentTokens(this.#clock, outgoing.hop, randomUUID()), cancel));
  }

  #inDialog(app: AppConnection, id: string, call: Call | undefined, message: AppRequest): void {
    const { method, headers, body } = message;
    if (method === 'ACK') {
      const ack = call?.session.acknowledge({ headers, body });
      const no = 'NOK|Server error: ACK for non-success final response is automatically generated by server';
      if (call === undefined || ack === undefined) app.send(reply(id, no));
      else app.send(requestSent(id, sentTokens(this.#clock, call.hop, randomUUID()), ack));
    } else if (call?.session.dialog === undefined) {
      app.send(reply(id, 'NOK|Server error: unable to find dialog for dialog id provided'));
    } else {
      const transactionId = randomUUID();
      const user = this.#responses(app, id, transactionId, () => call);
      const made = call.session.request({ method, headers, body }, user);
      if (made !== undefined) this.#outgoing.set(transactionId, { made, hop: call.hop });
    }
  }

  #begin(app: AppConnection, id: string, to: string, message: AppRequest): void {
    const { method, uri, headers, body } = message;
    const known = this.#calls.ofCallId(headers.get('Call-ID') ?? '');
    if (known?.session.state === 'confirmed') {
      this.#inDialog(app, id, known, message);
      return;
    }
    const wrong = wrongRequest(message);
    if (wrong !== undefined) {
      app.send(reply(id, `NOK|${wrong}`));
      return;
    }
    const transactionId = randomUUID();
    let call: Call | undefined;
    const user = this.#responses(app, id, transactionId, () => call, method === 'INVITE');
    const made = this.#agent.request(uri, { method, headers, body }, to === '' ? undefined : to, user);
    if (made instanceof Session) call = this.#calls.adopt(made, app);
    this.#outgoing.set(transactionId, { made, hop: undefined });
  }

  /** Tells an application of its request and of what is answered. `first`: the INVITE that a call begins with. */
  #responses(
    app: AppConnection,
    id: string,
    transactionId: string,
    callOf: () => Call | undefined,
    first = false,
  ): ResponseUser {
    let tried: SipRequest | undefined;
    let sentBy: Hop | undefined;
    return {
      sent: ({ request, hop }) => {
        const call = callOf();
        const outgoing = this.#outgoing.get(transactionId);
        sentBy = hop;
        if (outgoing !== undefined) outgoing.hop = hop;
        if (call !== undefined && hop !== undefined) call.hop = hop;
        // Again for each further target: the application hears of the first.
        if (tried !== undefined) return;
        tried = request;
        app.send(requestSent(id, sentTokens(this.#clock, hop, transactionId), request));
        if (first) this.#data.attempt(app, 'application', request);
        else if (request.method === 'BYE') this.#data.released(app, 'application', request);
      },
      response: (response, hop) => {
        const dialogId = callOf()?.id ?? '';
        const about = answerTokens(this.#clock, { hop, sentBy }, transactionId, dialogId);
        app.send(networkFrame(about, response));
        if (first && response.status >= 200) this.#data.answer(app, 'network', 'uac', response);
      },
      ended: () => void this.#outgoing.delete(transactionId),
    };
  }
}

function wrongRequest({ uri, headers, body }: AppRequest): string | undefined {
  const parsed = parseUri(uri);
  if (parsed === undefined || parsed.scheme === 'other') return `invalid request-uri: ${uri}`;
  return body.length > 0 && contentType(headers, body) === undefined ? 'missing content-type' : undefined;
}
