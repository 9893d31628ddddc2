// From a method's name and untrusted parameters to its handler, under the policy that the contract says.

import type { Clock } from '../core/clock.ts';
import { AppError, type ErrorReason, toAppError } from '../core/errors.ts';
import type { ContractHandlers } from '../core/rpc.ts';
import type { MethodDescriptor } from '../proto/descriptor-types.ts';
import { descriptors } from '../proto/gen/descriptors.ts';
import type { MethodName } from '../proto/gen/types.ts';
import { type MessageReader, readerOf } from '../proto/read-message.ts';
import { Call, type CallContext, type Request } from './call.ts';
import { CallDeadlines } from './call-deadlines.ts';
import type { CallRate } from './call-rates.ts';
import type { Connection } from './connection.ts';
import { requireGrant } from './grants.ts';
import type { Peer } from './peer.ts';
import type { Session } from './session.ts';
import { type GrantName, grantNames } from './token-verifier.ts';

/** Told of every call when it has ended; `unknown` stands for all methods that there are not. */
export type CallObserver = (method: MethodName | 'unknown', seconds: number, outcome: 'ok' | ErrorReason) => void;

/** Runs one call of a connection. @throws {AppError} at once, or by rejection. */
export type Dispatch = (connection: Connection, method: string, params: unknown) => object | Promise<object>;

interface DispatchParts {
  readonly handlers: ContractHandlers<CallContext>;
  readonly clock: Clock;
  /** For methods whose policy says none. */
  readonly callTimeoutMs: number;
  readonly observeCall?: CallObserver | undefined;
}

type Handler = (request: Request, context: CallContext) => object | Promise<object>;

interface Method {
  readonly name: MethodName;
  readonly read: MessageReader;
  readonly handle: Handler;
  readonly beforeConnect: boolean;
  readonly requires: GrantName | undefined;
  readonly rate: CallRate | undefined;
  readonly timeoutMs: number;
}

export function createDispatch(parts: DispatchParts): Dispatch {
  const { clock, observeCall } = parts;
  const methods = buildMethods(parts);
  const deadlines = new CallDeadlines(clock);

  const observe = (method: Method | undefined, startMs: number, outcome: 'ok' | ErrorReason) =>
    observeCall?.(method?.name ?? 'unknown', (clock.monotonicMs() - startMs) / 1000, outcome);

  const fail = (thrown: unknown, method: Method | undefined, startMs: number): AppError => {
    const error = toAppError(thrown);
    observe(method, startMs, error.reason);
    return error;
  };

  // A handler that waits for nothing is answered in this very turn, without a timer or a promise.
  return (connection, name, params) => {
    const startMs = clock.monotonicMs();
    const method = methods.get(name);
    try {
      if (method === undefined) throw new AppError('UNKNOWN_METHOD', { method: name.slice(0, 64) });
      const call = open(method, connection, params);
      const answer = method.handle(call.request, call);
      if (answer instanceof Promise) {
        return new Promise((resolve, reject) => {
          const deadline = deadlines.start(call, method.timeoutMs);
          connection.openCalls.wait(call, answer, {
            answered(value) {
              deadline.cancel();
              observe(method, startMs, 'ok');
              resolve(value);
            },
            failed(thrown) {
              deadline.cancel();
              reject(fail(thrown, method, startMs));
            },
          });
        });
      }
      observe(method, startMs, 'ok');
      return answer;
    } catch (thrown) {
      throw fail(thrown, method, startMs);
    }
  };
}

function open(method: Method, connection: Connection, params: unknown): Call {
  const { session } = connection;
  if (session === undefined) {
    if (!method.beforeConnect) throw new AppError('NOT_CONNECTED');
    return new Call(connection, method.read(params ?? {}, ''), undefined, undefined);
  }
  // Whoever calls on the new connection has got the answer of session.connect, and the next secret in it.
  session.secret.confirm();
  // Before anything is read: what is refused costs nothing.
  if (method.rate !== undefined) session.rates.take(method.name, method.rate);
  const request = method.read(params ?? {}, '');
  const peer = method.requires === undefined ? undefined : requirePeer(session, request, method.requires);
  return new Call(connection, request, session, peer);
}

function requirePeer(session: Session, request: Request, grant: GrantName): Peer {
  const peer = session.requirePeer(String(request['room']));
  requireGrant(peer.grants, grant);
  return peer;
}

function buildMethods({ handlers, callTimeoutMs }: DispatchParts): ReadonlyMap<string, Method> {
  const byArea: Readonly<Record<string, unknown>> = handlers;
  const entries = Object.entries(descriptors.methods) as [MethodName, MethodDescriptor][];
  return new Map(
    entries.map(([name, { request, policy }]) => {
      const [area = '', local = ''] = name.split('.');
      return [
        name,
        {
          name,
          read: readerOf(request),
          // That each method has its handler, with this very request, is what ContractHandlers says.
          handle: (byArea[area] as Readonly<Record<string, Handler>>)[local] as Handler,
          beforeConnect: policy.beforeConnect ?? false,
          requires: policy.requires === undefined ? undefined : parseGrantName(policy.requires, name),
          rate: toRate(policy),
          timeoutMs: policy.timeoutMs ?? callTimeoutMs,
        },
      ];
    }),
  );
}

function toRate({ perSecond, burst }: MethodDescriptor['policy']): CallRate | undefined {
  return perSecond === undefined ? undefined : { perSecond, burst: burst ?? perSecond };
}

function parseGrantName(text: string, method: string): GrantName {
  const grant = grantNames.find((name) => name === text);
  if (grant === undefined) throw new Error(`the policy of ${method} requires ${text}, which is no grant`);
  return grant;
}
