// An agent, its façade and the application that speaks to it, all in this process; the application is written on drachtio-srf as it
// comes from the registry.

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import Srf from 'drachtio-srf';
import { DrachtioFacade } from '../../sip/agent/facade/drachtio-facade.ts';
import type { DnsRecords } from '../../sip/agent/location/dns-records.ts';
import type { Protocol } from '../../sip/agent/transports/endpoint.ts';
import {
  type Listen,
  type TlsMaterial,
  type TransportLimits,
  transportLimits,
} from '../../sip/agent/transports/listen.ts';
import type { Guard } from '../../sip/agent/user-agent/guard.ts';
import { UserAgent } from '../../sip/agent/user-agent/user-agent.ts';
import { eventually } from './eventually.ts';
import { SipClock } from './sip-clock.ts';

export type Answer = (request: Srf.SrfRequest, response: Srf.SrfResponse) => unknown;

export interface SipAgentOptions {
  /** By method, in lower case. What throws or rejects fails {@link SipAgent.settled}. */
  readonly routes?: Readonly<Record<string, Answer>>;
  readonly protocols?: readonly Protocol[];
  /** 127.0.0.1, or another one of this machine. */
  readonly address?: string;
  /** For TLS and WSS. */
  readonly tls?: TlsMaterial;
  readonly guard?: Guard;
  readonly limits?: Partial<TransportLimits>;
  readonly dns?: DnsRecords;
}

/**
 * Its end fails the test that left anything: before it all has to come to rest, as {@link SipAgent.settled} says, and after it no
 * call, dialog, transaction, connection or timer may be there.
 *
 * ```ts
 * await using sip = await startSipAgent({ routes: { invite: (request, response) => sip.answer(request, response) } });
 * …
 * await sip.settled();
 * ```
 */
export interface SipAgent extends AsyncDisposable {
  readonly agent: UserAgent;
  readonly facade: DrachtioFacade;
  readonly srf: Srf;
  readonly clock: SipClock;
  /** The port of each protocol, all at one address. */
  readonly ports: Readonly<Record<Protocol, number>>;
  /** Calls that the application has; each leaves when it is over, whoever ended it. */
  readonly calls: Set<Srf.Dialog>;
  /** Accepts a call. */
  answer(request: Srf.SrfRequest, response: Srf.SrfResponse, sdp?: string): Promise<Srf.Dialog>;
  /** Makes a call. */
  call(uri: string, options?: Srf.CreateUACOptions): Promise<Srf.Dialog>;
  /** Passes a call on to somebody else, and the end of either side to the other. */
  connect(request: Srf.SrfRequest, response: Srf.SrfResponse, uri: string): Promise<void>;
  /** @throws {Error} when a call, transaction, timer, connection or a request without an answer is left, or a route failed. */
  settled(options?: { readonly flows?: boolean; readonly patienceMs?: number }): Promise<void>;
}

const lets: Guard = { admits: () => true, judge: () => undefined, offended: () => {} };
/** Longer than any timer of a transaction, shorter than the time after which an application counts as silent. */
const lingerMs = 45_000;

export function sampleSdp(port = 7_002, direction = 'sendrecv'): string {
  const lines = ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0'];
  const media = [`m=audio ${port} RTP/AVP 0`, 'a=rtpmap:0 PCMU/8000', `a=${direction}`];
  return `${[...lines, ...media].join('\r\n')}\r\n`;
}

export async function startSipAgent({
  routes = {},
  protocols = ['UDP', 'TCP'],
  address = '127.0.0.1',
  tls,
  guard = lets,
  limits = {},
  dns,
}: SipAgentOptions = {}): Promise<SipAgent> {
  const clock = new SipClock();
  const facade = new DrachtioFacade({ clock, secret: randomBytes(16).toString('hex') });
  const listen = protocols.map(
    (protocol): Listen => ({ protocol, address, port: 0, ...(tls !== undefined && { tls }) }),
  );
  const agent = await UserAgent.open({
    clock,
    user: facade,
    guard,
    listen,
    limits: { ...transportLimits, ...limits },
    ...(dns && { dns }),
  });
  const failures: unknown[] = [];
  const srf = new Srf();
  for (const [method, answer] of Object.entries(routes)) {
    srf.use(method, (request, response) => {
      // What an application gets wrong is the failure of the test, not of the process.
      void (async () => answer(request, response))().catch((error: unknown) => failures.push(error));
    });
  }
  srf.on('error', (error) => failures.push(error));
  const connected = once(srf, 'connect');
  await srf.connect(await facade.listen(agent));
  await connected;
  await eventually(() => facade.stats.apps === 1, 'the application at the façade');

  const calls = new Set<Srf.Dialog>();
  const keep = (dialog: Srf.Dialog) => {
    if (isOver(dialog)) return dialog;
    calls.add(dialog);
    dialog.on('destroy', () => calls.delete(dialog));
    return dialog;
  };
  const ports = Object.fromEntries(agent.listening.map(({ protocol, port }) => [protocol, port])) as Record<
    Protocol,
    number
  >;
  const left = (flows: boolean) => {
    const { calls: sessions, dialogs, transactions, flows: open } = agent.stats;
    const { clients, servers } = transactions;
    const connections = flows ? (open.TCP ?? 0) + (open.TLS ?? 0) + (open.WS ?? 0) + (open.WSS ?? 0) : 0;
    const { pending, outgoing, sessions: known } = facade.stats;
    return { sessions, dialogs, clients, servers, connections, pending, outgoing, known, timers: clock.pendingTimers };
  };
  const sum = (counts: object) => Object.values(counts).reduce((total: number, count: number) => total + count, 0);

  let asked = false;
  const sip: SipAgent = {
    agent,
    facade,
    srf,
    clock,
    ports,
    calls,
    answer(request, response, sdp = sampleSdp()) {
      return taken<Srf.Dialog>((done) => srf.createUAS(request, response, { localSdp: sdp }, done), keep);
    },
    call(uri, options = {}) {
      return taken<Srf.Dialog>((done) => srf.createUAC(uri, { localSdp: sampleSdp(), ...options }, {}, done), keep);
    },
    async connect(request, response, uri) {
      const options = { localSdpB: request.body };
      await taken<{ readonly uas: Srf.Dialog; readonly uac: Srf.Dialog }>(
        // The types say one dialog where there are two.
        (done) => srf.createB2BUA(request, response, uri, options, {}, done as never),
        (both) => {
          for (const [one, other] of [
            [both.uas, both.uac],
            [both.uac, both.uas],
          ] as const) {
            keep(one);
            const end = () => {
              calls.delete(other);
              other.destroy();
            };
            one.on('destroy', end);
            // drachtio-srf waits for both before it tells of either: one may have hung up meanwhile, and nobody was told.
            if (isOver(one)) end();
          }
          return both;
        },
      );
    },
    async settled({ flows = true, patienceMs = 20_000 } = {}) {
      asked = true;
      await eventually(
        () => agent.stats.calls === 0 && agent.stats.dialogs === 0 && facade.stats.pending === 0,
        'the end of all calls',
        patienceMs,
      ).catch((error: unknown) => {
        throw new Error(`left: ${JSON.stringify(left(flows))}`, { cause: error });
      });
      for (let round = 0; round < 4 && sum(left(flows)) > 0; round++) await clock.skip(lingerMs);
      await eventually(() => sum(left(flows)) === 0, 'nothing to be left', patienceMs).catch((error: unknown) => {
        throw new Error(`left: ${JSON.stringify(left(flows))}`, { cause: error });
      });
      if (failures.length > 0) throw new AggregateError(failures, `the application failed: ${failures.join('; ')}`);
    },
    async [Symbol.asyncDispose]() {
      try {
        if (!asked) await sip.settled();
      } finally {
        await agent.close();
        // Before the façade, or it would come back.
        srf.disconnect();
        await facade.close();
      }
      if (sum(left(true)) > 0) throw new Error(`left after the end: ${JSON.stringify(left(true))}`);
    },
  };
  return sip;
}

/** Listened to in the turn in which it is there: a promise would tell a turn later, and the other side may have hung up by then. */
function taken<Made>(
  make: (done: (error: unknown, made: Made) => void) => unknown,
  listen: (made: Made) => Made,
): Promise<Made> {
  return new Promise((resolve, reject) => {
    make((error, made) => {
      if (error) reject(error as Error);
      else resolve(listen(made));
    });
  });
}

/** The types of drachtio-srf leave it out. */
function isOver(dialog: Srf.Dialog): boolean {
  return (dialog as Srf.Dialog & { readonly connected?: boolean }).connected === false;
}
