// A whole server with a dial plan, for real phones.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Clock } from '../../../core/clock.ts';
import type { Logger } from '../../../core/log.ts';
import { silentLogger } from '../../../core/log.ts';
import type { PartialConfig } from '../../../server/config/schema.ts';
import { findSipPort } from '../sip-port.ts';
import { type RunningServer, startServer } from '../start-server.ts';

export interface PhoneServer extends RunningServer {
  /** By UDP and TCP at 127.0.0.1. */
  readonly port: number;
  readonly tlsPort: number;
  /** The lines of its log as far as they are kept: of level info and above. */
  readonly lines: readonly { readonly message: string; readonly fields: Readonly<Record<string, unknown>> }[];
}

export type PhoneServerOptions = PartialConfig & {
  /** Opens the port for TLS. */
  readonly tls?: { readonly cert: string; readonly key: string };
  /** For UDP and TCP, where others have to know it before. */
  readonly port?: number;
  readonly clock?: Clock;
};

/** Closed with the test. `plan` is a dial plan as in docs/dial-plan.md. */
export async function startPhoneServer(plan: string, options: PhoneServerOptions = {}): Promise<PhoneServer> {
  const server = await openPhoneServer(plan, options);
  onTestFinished(() => server.close());
  return server;
}

/** For several tests: whoever opens it closes it. */
export async function openPhoneServer(
  plan: string,
  { sip, tls, port: wanted, clock, ...config }: PhoneServerOptions = {},
): Promise<PhoneServer> {
  const [port, tlsPort] = [wanted ?? (await findSipPort()), await findSipPort()];
  const socket = { address: '127.0.0.1', advertise: [], certFile: '', keyFile: '', caFile: '', origins: [] };
  const lines: PhoneServer['lines'][number][] = [];
  const folder = await mkdtemp(join(tmpdir(), 'parley-plan-'));
  const planFile = join(folder, 'plan.yaml');
  await writeFile(planFile, plan);
  const [certFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')];
  if (tls) await Promise.all([writeFile(certFile, tls.cert), writeFile(keyFile, tls.key)]);
  const server = await startServer(
    {
      ...config,
      sip: {
        enabled: true,
        listen: [
          { ...socket, protocol: 'UDP', port },
          { ...socket, protocol: 'TCP', port },
          ...(tls ? [{ ...socket, certFile, keyFile, protocol: 'TLS' as const, port: tlsPort }] : []),
        ],
        planFile,
        ...sip,
        // Machines that run tests are late; how late is no matter of these tests.
        media: { listenIp: '127.0.0.1', threads: 1, maxLateMs: 1_000, ...sip?.media },
      },
    },
    { log: keeping(lines), ...(clock && { clock }) },
  );
  const close = async () => {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  };
  return { ...server, port, tlsPort, lines, close, [Symbol.asyncDispose]: close };
}

function keeping(lines: PhoneServer['lines'][number][], bound: object = {}): Logger {
  const keep = (fields: object, message: string) => {
    lines.push({ message, fields: { ...bound, ...fields } });
  };
  return {
    ...silentLogger,
    info: keep,
    warn: keep,
    error: keep,
    child: (fields) => keeping(lines, { ...bound, ...fields }),
  };
}
