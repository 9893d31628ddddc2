import { type Credentials, DigestClient } from '../agent/digest/digest-client.ts';
import type { SipHeaders } from '../agent/messages/sip-headers.ts';
import { bodyText, readRequest, readResponse } from './read-raw.ts';
import { SipFailure, toFailure } from './sip-failure.ts';
import type { SrfAck, SrfApp, SrfHeaders, SrfRequest, SrfResponse } from './srf.ts';

export interface OutgoingRequest {
  readonly method: string;
  readonly uri: string;
  readonly headers?: SrfHeaders;
  readonly body?: string;
  /** Where it goes, if not where its URI says. */
  readonly proxy?: string;
  /** Within this call; then the URI is the agent's matter. */
  readonly dialogId?: string;
  /** What challenges are answered with. */
  readonly credentials?: Credentials;
}

export interface Answer {
  readonly status: number;
  readonly reason: string;
  readonly headers: SipHeaders;
  readonly body: string;
  /** '' outside of a call. */
  readonly dialogId: string;
  /** Acknowledges a 2xx of an INVITE. */
  readonly acknowledge: (body?: string) => void;
}

export interface TransactHooks {
  /** More than 100, less than 200. A reliable one was acknowledged. */
  readonly progress?: (answer: Answer) => void;
  /** In the turn in which it came, before anything that comes behind it. */
  readonly final?: (answer: Answer) => void;
  readonly update?: (request: SrfRequest, response: SrfResponse) => void;
}

export interface Transaction {
  /** The final answer, whatever its status. @throws {SipFailure} DISCONNECTED, NOT_SENT, CALL_ENDED */
  readonly answer: Promise<Answer>;
  cancel(headers?: SrfHeaders): void;
}

/** Fails what waits, when the connection is lost. */
export type Waiting = Set<(failure: SipFailure) => void>;

/** Sends a request and answers challenges once, and again when a nonce was stale, in the strongest way that is asked for. */
export function transact(srf: SrfApp, waiting: Waiting, request: OutgoingRequest, hooks: TransactHooks): Transaction {
  const digest = request.credentials && new DigestClient(request.credentials);
  let current: SrfRequest | undefined;
  let canceled: SrfHeaders | undefined;
  let challenged = 0;

  const answer = new Promise<Answer>((resolve, reject) => {
    const fail = (failure: SipFailure) => {
      waiting.delete(fail);
      reject(failure);
    };
    waiting.add(fail);

    const hear = (sent: SrfRequest, response: SrfResponse, ack: SrfAck) => {
      const told = readAnswer(response, ack);
      if (told === undefined) {
        fail(new SipFailure('NOT_SENT', 'the answer could not be read'));
      } else if (told.status < 200) {
        if (told.headers.has('RSeq')) attemptAck(ack);
        if (told.status > 100) hooks.progress?.(told);
      } else {
        const again = canceled === undefined ? withCredentials(sent, told) : undefined;
        if (again !== undefined) {
          attempt(again);
        } else {
          waiting.delete(fail);
          hooks.final?.(told);
          resolve(told);
        }
      }
    };

    const withCredentials = (sent: SrfRequest, { status, headers }: Answer): SrfHeaders | undefined => {
      if (digest === undefined || (status !== 401 && status !== 407) || challenged > 2) return undefined;
      challenged += 1;
      const challenges = headers.all(status === 407 ? 'Proxy-Authenticate' : 'WWW-Authenticate');
      const about = { method: request.method, uri: sent.uri, body: Buffer.from(request.body ?? '') };
      const credentials = digest.answer(challenges, about, challenged > 1);
      if (credentials === undefined) return undefined;
      const name = status === 407 ? 'Proxy-Authorization' : 'Authorization';
      return { ...request.headers, ...(request.dialogId === undefined && sameCall(sent)), [name]: credentials };
    };

    const attempt = (headers: SrfHeaders) => {
      const { method, uri, body, proxy, dialogId } = request;
      const options = {
        method,
        headers: { ...headers },
        ...(body !== undefined && { body }),
        ...(proxy !== undefined && { proxy }),
        ...(dialogId !== undefined && { stackDialogId: dialogId }),
      };
      try {
        srf.request(uri, options, (error, sent) => {
          if (sent === undefined || error) {
            fail(toFailure(error));
            return;
          }
          current = sent;
          sent.on('response', (response, ack) => hear(sent, response, ack));
          sent.on('update', (update, response) => {
            if (hooks.update === undefined) response.send(500, undefined, { headers: { 'Retry-After': '5' } });
            else hooks.update(update, response);
          });
          if (canceled !== undefined) sent.cancel({ headers: { ...canceled } }, () => {});
        });
      } catch {
        // drachtio-srf asserts that there is a connection.
        fail(new SipFailure('DISCONNECTED', 'there is no connection to the agent'));
      }
    };

    attempt(request.headers ?? {});
  });

  return {
    answer,
    cancel: (headers = {}) => {
      if (canceled !== undefined) return;
      canceled = headers;
      try {
        current?.cancel({ headers: { ...headers } }, () => {});
      } catch {
        // Without a connection there is nothing to take back.
      }
    },
  };
}

function readAnswer(response: SrfResponse, ack: SrfAck): Answer | undefined {
  const message = readResponse(response.raw);
  if (message === undefined) return undefined;
  const { status, reason, headers } = message;
  return {
    status,
    reason,
    headers,
    body: bodyText(message),
    dialogId: response.stackDialogId ?? '',
    acknowledge: (body) => attemptAck(ack, body),
  };
}

function attemptAck(ack: SrfAck, body?: string): void {
  try {
    ack(body === undefined ? {} : { body });
  } catch {
    // The connection is gone, and with it the call.
  }
}

/** A request that is sent again with credentials is the same one, a number later (RFC 3261 section 22.2). */
function sameCall(sent: SrfRequest): SrfHeaders {
  const headers = readRequest(sent.raw)?.headers;
  const [number = '0'] = (headers?.get('CSeq') ?? '').split(' ');
  return {
    'Call-ID': headers?.get('Call-ID') ?? '',
    From: headers?.get('From') ?? '',
    CSeq: `${Number(number) + 1} ${sent.method}`,
  };
}
