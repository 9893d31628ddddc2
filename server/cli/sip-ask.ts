import { systemClock } from '../../core/clock.ts';
import { operatorSecretOf } from '../cluster/cluster-secret.ts';
import { OperatorTokens } from '../cluster/operator-tokens.ts';
import type { Config } from '../config/schema.ts';
import { sipPhonesPath } from '../http/sip-phones.ts';
import { sipTrunksPath } from '../http/sip-trunks.ts';
import { createIssuer } from '../identity/create-identity.ts';
import { StartError } from '../start-error.ts';
import { type ConfigFlags, loadConfigOf } from './config-flags.ts';
import { localUrlOf } from './local-url.ts';
import type { Terminal } from './terminal.ts';

export interface SipAskFlags extends ConfigFlags {
  readonly url?: string;
  readonly token?: string;
}

const answerWithinMs = 10_000;

/** Asks the server that runs, as an operator. */
export type SipAsk = <Answer>(path: string, options?: AskOptions) => Promise<Answer>;

export interface AskOptions {
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
}

/** @throws {StartError} when it does not answer, or with what it says. */
export function createSipAsk({ url, token: given, ...flags }: SipAskFlags, env: Terminal['env'], step: string): SipAsk {
  const { config } = loadConfigOf(flags, env);
  const base = url ?? localUrlOf(config);
  const failed = (reason: string, mend: string, cause?: unknown) => new StartError(step, reason, { mend, cause });
  const sign = createSign(config, given, failed);
  return async (path, { query = {}, body } = {}) => {
    const search = new URLSearchParams(query);
    const target = search.size === 0 ? path : `${path}?${search}`;
    const method = body === undefined ? 'GET' : 'POST';
    const request = {
      method,
      headers: { authorization: `Bearer ${sign({ method, path: target, body: body ?? new Uint8Array() })}` },
      signal: AbortSignal.timeout(answerWithinMs),
      ...(body !== undefined && { body }),
    };
    const answer = await fetch(new URL(target, base), request).catch((error: unknown) => {
      const mend = `A server with sip.enabled must listen at ${base}; --url names another address, --config its options.`;
      throw failed(`Nobody answers at ${base}.`, mend, error);
    });
    const said: unknown = await answer.json().catch(() => undefined);
    if (answer.ok && said !== undefined) return said as never;
    const { error } = (said ?? {}) as { error?: { reason?: string; message?: string } };
    throw failed(error?.message ?? `It answered ${answer.status}.`, mendOf(error?.reason, answer.status, base, path));
  };
}

type Sign = OperatorTokens['sign'];

/** As the commands of nodes do where nodes have a secret, and else as somebody who moderates every room. */
function createSign(config: Config, given: string | undefined, failed: (reason: string, mend: string) => Error): Sign {
  if (given !== undefined) return () => given;
  const secret = operatorSecretOf(config);
  if (secret !== undefined) {
    const tokens = new OperatorTokens({ secret, clock: systemClock });
    return (request) => tokens.sign(request);
  }
  try {
    const issuer = createIssuer(config);
    const grants = [{ room: '*', can: ['moderate'] }] as const;
    return () => issuer.issue({ identity: 'parley-sip', name: 'parley sip', grants, ttlSeconds: 60 });
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    throw failed(
      'These options have nothing to sign a request with.',
      'Name the options of the server with --config or --dev: one with cluster.secret or an HS256 key can be asked by this command. Or give --token, with one that grants moderate in every room (*).',
    );
  }
}

function mendOf(reason: string | undefined, status: number, base: string, path: string): string {
  if (reason === 'SIP_CALL_NOT_FOUND')
    return '`parley sip trace` without a call lists those that are kept: the newest, by sip.trace.';
  if (reason === 'SIP_TRUNK_NOT_FOUND') return '`parley sip plan trunks` lists them.';
  if (reason === 'ROUTE_NOT_FOUND' && (path.startsWith(sipTrunksPath) || path.startsWith(sipPhonesPath)))
    return `The server at ${base} has no dial plan: sip.planFile names none.`;
  if (reason === 'ROUTE_NOT_FOUND')
    return `The server at ${base} has no SIP agent: sip.enabled is off, or sip.drachtio.host has the agent elsewhere.`;
  if (reason === 'BAD_REQUEST') return '`parley sip explain --help` says how it is asked.';
  if (reason === 'REQUEST_TOO_LARGE') return 'Name a file that holds one SIP message, and nothing else.';
  if (reason === 'GRANT_MISSING') return 'The token must grant moderate in every room (*).';
  if (status === 401)
    return `The server at ${base} has another cluster.secret, or other keys: name its options with --config or --dev, or give --token with one that it takes.`;
  return `A server with sip.enabled must listen at ${base}; --url names another address.`;
}
