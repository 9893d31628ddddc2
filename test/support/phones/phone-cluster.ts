// Several servers that are one cluster, each with a SIP agent and the same dial plan, and a name for each that phones look up.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Scope } from '../../../core/scope.ts';
import { startCluster, type TestCluster } from '../cluster.ts';
import { startDnsServer } from '../dns-server.ts';
import { findSipPort } from '../sip-port.ts';
import { type PhoneOptions, registeredPhone, type TestPhone } from './phone.ts';

export interface PhoneCluster extends AsyncDisposable {
  readonly cluster: TestCluster;
  /** Where the node at that place listens, by UDP and TCP at 127.0.0.1. */
  sipPort(place: number): number;
  /** Whose phones Redis knows of, at whichever node, dead ones among them until their time is over. */
  registered(): Promise<readonly string[]>;
  /**
   * A phone as `registeredPhone`, by TCP: at the node at that place, and at the next ones where that one is not there or says
   * 503 (RFC 3263). It registers each nine seconds.
   */
  phoneAt(place: number, options: PhoneOptions): Promise<TestPhone>;
}

const domainOf = (place: number) => `node${place}.phones.test`;
const host = 'machine.phones.test';

/** Needs what startCluster does, and `baresip`. */
export async function startPhoneCluster(
  plan: string,
  { nodes, options = [] }: { readonly nodes: number; readonly options?: readonly string[] },
): Promise<PhoneCluster> {
  const parts = new Scope();
  try {
    const folder = await mkdtemp(join(tmpdir(), 'parley-plan-'));
    parts.defer(() => rm(folder, { recursive: true, force: true }));
    const planFile = join(folder, 'plan.yaml');
    await writeFile(planFile, plan);
    const ports: number[] = [];
    for (let place = 0; place < nodes; place += 1) ports.push(await findSipPort());
    const portOf = (place: number) => ports[place % nodes] ?? 0;
    const socketsOf = (place: number) =>
      ['UDP', 'TCP'].map((protocol) => ({ protocol, address: '127.0.0.1', port: portOf(place) }));
    const cluster = await startCluster({
      nodes,
      as: 'processes',
      options: [
        'sip.enabled=true',
        `sip.planFile=${planFile}`,
        'sip.media.listenIp=127.0.0.1',
        'sip.media.threads=1',
        // Machines that run tests are late; how late is no matter of these tests.
        'sip.media.maxLateMs=1000',
        ...options,
      ],
      envOf: (place) => ({ PARLEY_SIP_LISTEN: JSON.stringify(socketsOf(place)) }),
    });
    parts.defer(async () => cluster[Symbol.asyncDispose]());
    const places = ports.map((_, place) => place);
    const dns = await startDnsServer({
      services: Object.fromEntries(
        places.map((first) => [
          `_sip._tcp.${domainOf(first)}`,
          places.map((_, place) => ({ host, port: portOf(first + place) })),
        ]),
      ),
      hosts: { [host]: '127.0.0.1' },
    });
    parts.defer(async () => dns[Symbol.asyncDispose]());
    return {
      cluster,
      sipPort: portOf,
      async registered() {
        const answer = await cluster.redis.send('KEYS *:ph:*');
        return [...answer.matchAll(/:ph:(\S+)/g)].map(([, identity = '']) => identity).sort();
      },
      phoneAt: (place, phone) =>
        registeredPhone(
          { port: portOf(place), tlsPort: 0 },
          { transport: 'tcp', names: { domain: domainOf(place), dnsPort: dns.port }, registerSeconds: 10, ...phone },
        ),
      [Symbol.asyncDispose]: () => parts.close(),
    };
  } catch (error) {
    await parts.close();
    throw error;
  }
}
