// Nodes, Redis, and people who write and speak all the while; faults strike, and what they come to is judged from the
// people's side. Every choice comes from one seed.

import { Scope } from '../../core/scope.ts';
import { loadDevSecret } from '../../server/identity/dev-secret.ts';
import { createTokenIssuer } from '../../server/identity/token-issuer.ts';
import type { TestCluster } from '../support/cluster.ts';
import { createRandom, oneOf } from '../support/random.ts';
import { ChaosPerson } from './chaos-person.ts';
import { Watch } from './watch.ts';

/** What a chaos run needs of a cluster, however its nodes and its Redis are connected. */
export type ChaosCluster = Pick<TestCluster, 'redis' | 'nodes' | 'node' | 'urlsFrom'>;

export interface ChaosOptions {
  readonly seed: number;
  /** In rooms `red`, `blue` (half of them each) and `all`; 12. */
  readonly people?: number;
  /** So many of them speak in room `call`; 4. */
  readonly speakers?: number;
}

const grants = [
  { room: '*', can: ['join', 'publish:audio', 'publish:video', 'subscribe', 'chat', 'history'] },
] as const;
/** Of all people together: 20 messages a second. */
const messageIntervalMs = 50;

export interface Chaos extends AsyncDisposable {
  readonly cluster: ChaosCluster;
  readonly seed: number;
  /** For faults alone: what they choose does not depend on how much was written meanwhile. */
  readonly random: () => number;
  readonly people: readonly ChaosPerson[];
  readonly watch: Watch;
  readonly tokenOf: (identity: string) => string;
  /** Whether people write now. They do at first. */
  writing: boolean;
}

/** Resolves when everybody is in, and speaks. */
export async function startChaos(cluster: ChaosCluster, options: ChaosOptions): Promise<Chaos> {
  const parts = new Scope();
  try {
    return await start(cluster, options, parts);
  } catch (error) {
    await parts.close();
    throw error;
  }
}

async function start(
  cluster: ChaosCluster,
  { seed, people: count = 12, speakers = 4 }: ChaosOptions,
  parts: Scope,
): Promise<Chaos> {
  const writes = createRandom(seed + 1);
  const issuer = createTokenIssuer({ ...loadDevSecret(cluster.node(0).dataDir), issuer: '', audience: '' });
  const tokenOf = (identity: string) =>
    issuer.issue({ identity, name: identity, metadata: '', grants, ttlSeconds: 3_600 });
  const people: ChaosPerson[] = [];
  for (let place = 0; place < count; place += 1) {
    const identity = `person-${place}`;
    const speaksIn = place < speakers ? 'call' : undefined;
    const person = await ChaosPerson.start({
      identity,
      urls: cluster.urlsFrom(place),
      token: () => tokenOf(identity),
      rooms: [place * 2 < count ? 'red' : 'blue', 'all', ...(speaksIn ? [speaksIn] : [])],
      speaksIn,
    });
    people.push(person);
    parts.defer(() => person[Symbol.asyncDispose]());
  }
  const watch = new Watch(people);
  parts.defer(() => watch[Symbol.asyncDispose]());
  const chaos = {
    cluster,
    seed,
    random: createRandom(seed),
    people,
    watch,
    tokenOf,
    writing: true,
    [Symbol.asyncDispose]: () => parts.close(),
  };
  const timer = setInterval(() => {
    if (!chaos.writing) return;
    const person = oneOf(writes, people);
    person.say(oneOf(writes, [...person.rooms.keys()]));
  }, messageIntervalMs);
  parts.defer(async () => clearInterval(timer));
  return chaos;
}
