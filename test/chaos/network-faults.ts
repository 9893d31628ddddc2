// Faults of the network between nodes and Redis, of the one between nodes, and of a clock.

import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '../support/eventually.ts';
import { httpRequest } from '../support/http-request.ts';
import { oneOf } from '../support/random.ts';
import { readyOf } from '../support/ready-of.ts';
import type { ServerProcess } from '../support/server-process.ts';
import type { Chaos } from './chaos.ts';
import { allKnown } from './faults.ts';
import { type NetworkFault, wrongClockPlace } from './network-chaos.ts';
import { newcomersRoom, startNewcomers } from './newcomers.ts';
import { chatFlows } from './round.ts';

/** What the others then miss it after is 10 s, and it is to be seen that they do not. */
const longerThanALeaseMs = 15_000;
const notReadyMs = 60_000;
/** Times of tokens are whole seconds. */
const aboutMs = 2_000;
/** Whoever had not gone on at another node is seen to leave in this time. */
const longerThanTheGraceMs = 35_000;
/** What is promised. */
const backMs = 10_000;

const isReady = async ({ cluster }: Chaos, place: number): Promise<boolean> =>
  (await readyOf(cluster.node(place))).status === 200;

/** Those of a node that was struck before went elsewhere. */
async function oneWithPeople({ cluster, random }: Chaos): Promise<number> {
  const sessions = await Promise.all(cluster.nodes.map((node) => node.metric('parley_sessions{state="connected"}')));
  return oneOf(
    random,
    [...sessions.keys()].filter((place) => (sessions[place] ?? 0) > 0),
  );
}

/** People of that node are to be on others before the network is mended. */
export function cutFromRedis(): NetworkFault {
  let place = 0;
  return {
    name: 'cut-from-redis',
    about: 'a node that alone cannot reach Redis for 45 s; counted from its beginning',
    async strike(chaos, begin, { networks }) {
      place = await oneWithPeople(chaos);
      networks.cutFromStore(place);
      begin();
      await eventually(async () => !(await isReady(chaos, place)), 'the node to be not ready', notReadyMs, 100);
      await delay(longerThanTheGraceMs);
    },
    async mend(chaos, { networks }) {
      networks.mendToStore(place);
      await eventually(() => isReady(chaos, place), 'the node to be ready again', backMs, 100);
      await allKnown(chaos.cluster);
    },
  };
}

/** From shorter than a lease, when nobody moves, to when they are on their way. */
export function blinkFromRedis(): NetworkFault {
  let place = 0;
  return {
    name: 'cut-from-redis-briefly',
    about: 'a node that alone cannot reach Redis for 2 to 14 s; counted from its end',
    async strike(chaos, begin, { networks }) {
      place = await oneWithPeople(chaos);
      networks.cutFromStore(place);
      await delay(2_000 + chaos.random() * 12_000);
      networks.mendToStore(place);
      begin();
    },
    mend: ({ cluster }) => allKnown(cluster),
  };
}

export function cutFromPeers(): NetworkFault {
  return {
    name: 'cut-from-peers',
    about: `a node that reaches Redis and no other node for ${longerThanALeaseMs / 1_000} s; counted from its end`,
    async strike(chaos, begin, { networks: { peers } }) {
      const { cluster, people, random, watch } = chaos;
      const place = oneOf(random, [...cluster.nodes.keys()]);
      const cutMs = performance.now();
      peers.cut(place);
      await chatFlows(people, cutMs);
      // They see each other, and are heard once they can be.
      await using newcomers = await startNewcomers(chaos, [place, place + 1]);
      await delay(longerThanALeaseMs);
      expectOthers(chaos, cutMs);
      if (watch.wrongFor('media', cutMs) === 0) throw new Error('voices went on over a network that was cut');
      peers.mend(place);
      begin();
      await newcomers.hear();
    },
    mend: ({ cluster }) => allKnown(cluster),
  };
}

/** The others bury it, and its people stay: nobody can tell the node that it alone is cut off. */
export function cutFromAll(seconds: number): NetworkFault {
  return {
    name: 'cut-from-all',
    about: `a node that reaches neither Redis nor other nodes for ${seconds} s; counted from its end`,
    async strike({ cluster, random }, begin, { networks }) {
      const place = oneOf(random, [...cluster.nodes.keys()]);
      networks.peers.cut(place);
      networks.cutFromStore(place);
      await delay(seconds * 1_000);
      networks.peers.mend(place);
      networks.mendToStore(place);
      begin();
    },
    mend: ({ cluster }) => allKnown(cluster),
  };
}

/** Each way; three in a hundred packets that are answered take more than a second then. */
export function slowPeers(delayMs: number, lossPercent: number): NetworkFault {
  return {
    name: 'slow-peers',
    about: `${delayMs} ms and ${lossPercent} % loss between nodes`,
    async strike(chaos, begin, { networks: { peers } }) {
      const slowMs = performance.now();
      const lostBefore = peers.lost;
      peers.impair({ delayMs, lossPercent });
      begin();
      await using newcomers = await startNewcomers(chaos, [0, 1]);
      await newcomers.hear();
      await delay(longerThanALeaseMs);
      expectOthers(chaos, slowMs);
      if (peers.lost === lostBefore) throw new Error('no packet was lost');
    },
    async mend({ cluster }, { networks: { peers } }) {
      peers.impair({});
      await allKnown(cluster);
    },
  };
}

export function wrongClock(seconds: number): NetworkFault {
  return {
    name: 'wrong-clock',
    about: `a clock that is set ${seconds} s off on one node`,
    needsClock: true,
    async strike(chaos, begin, { clock }) {
      const shiftMs = oneOf(chaos.random, [-1, 1]) * seconds * 1_000;
      const wrongMs = performance.now();
      clock?.shift(shiftMs / 1_000);
      begin();
      const token = await tokenOfAnotherTime(chaos.cluster.node(wrongClockPlace), shiftMs);
      await using newcomers = await startNewcomers(chaos, [wrongClockPlace, 0], token);
      await newcomers.hear();
      await delay(longerThanALeaseMs);
      expectOthers(chaos, wrongMs);
    },
    async mend({ cluster }, { clock }) {
      clock?.shift(0);
      await allKnown(cluster);
    },
  };
}

/** Signed by a node whose clock is wrong, as soon as it is. */
async function tokenOfAnotherTime(node: ServerProcess, shiftMs: number): Promise<string> {
  return eventually(
    async () => {
      const answer = await httpRequest(node.port, '/api/v1/tokens', {
        host: new URL(node.url).hostname,
        method: 'POST',
        // As its own page asks it.
        headers: { host: 'localhost', 'content-type': 'application/json' },
        body: JSON.stringify({ name: 'newcomer', room: newcomersRoom }),
      });
      const token = String(answer.json()['token']);
      const { iat } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { iat: number };
      return Math.abs(iat * 1_000 - Date.now() - shiftMs) < aboutMs ? token : undefined;
    },
    'a token that is signed at another time',
    notReadyMs,
    500,
  );
}

/** @throws {Error} when anybody missed anybody since then. */
function expectOthers({ watch }: Chaos, sinceMs: number): void {
  const wrongMs = watch.wrongFor('members', sinceMs);
  if (wrongMs > 0) throw new Error(`members were not the same for all until ${wrongMs} ms after it began`);
}
