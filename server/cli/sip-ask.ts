import { createIssuer } from '../identity/create-identity.ts';
import { StartError } from '../start-error.ts';
import { type ConfigFlags, loadConfigOf } from './config-flags.ts';
import type { Terminal } from './terminal.ts';

export interface SipAskFlags extends ConfigFlags {
  readonly url?: string;
  readonly token?: string;
}

const answerWithinMs = 10_000;

/** Asks the server that runs, as an operator. */
export type SipAsk = <Answer>(path: string, body?: Uint8Array) => Promise<Answer>;

/** @throws {StartError} when it does not answer, or with what it says. */
export function createSipAsk({ url, token: given, ...flags }: SipAskFlags, env: Terminal['env'], step: string): SipAsk {
  const { config } = loadConfigOf(flags, env);
  const { host, port, tls } = config.gateway;
  const base = url ?? localUrl(host, port, tls.certFile !== '');
  const grants = [{ room: '*', can: ['moderate'] }] as const;
  const token =
    given ?? createIssuer(config).issue({ identity: 'parley-sip', name: 'parley sip', grants, ttlSeconds: 60 });
  return async (path, body) => {
    const request = {
      method: body === undefined ? 'GET' : 'POST',
      headers: { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(answerWithinMs),
      ...(body !== undefined && { body }),
    };
    const failed = (reason: string, mend: string, cause?: unknown) => new StartError(step, reason, { mend, cause });
    const there = `A server with sip.enabled must listen at ${base}; --url names another address, --config its options.`;
    const answer = await fetch(new URL(path, base), request).catch((error: unknown) => {
      throw failed('It does not answer.', there, error);
    });
    const said: unknown = await answer.json().catch(() => ({}));
    if (answer.ok) return said as never;
    const { error } = said as { error?: { reason?: string; message?: string } };
    if (error?.reason === 'SIP_CALL_NOT_FOUND') {
      throw failed(error.message ?? '', '`parley sip trace` without a call lists those that are kept.');
    }
    if (error?.reason === 'ROUTE_NOT_FOUND') throw failed('It has no SIP agent.', there);
    throw failed(
      error?.message ?? `It answered ${answer.status}.`,
      `${there} Its keys must be known here, or --token.`,
    );
  };
}

/** Where a server that listens on this host answers on its own machine. */
function localUrl(host: string, port: number, secure: boolean): string {
  const local = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `${secure ? 'https' : 'http'}://${local.includes(':') ? `[${local}]` : local}:${port}`;
}
