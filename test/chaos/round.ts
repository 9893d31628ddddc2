// One fault, and the judgement of what it came to.

import { eventually } from '../support/eventually.ts';
import type { Chaos } from './chaos.ts';
import type { ChaosPerson } from './chaos-person.ts';
import { judge } from './ledger.ts';
import { findLeaks, findRemains } from './remains.ts';
import { compareRosters } from './witness.ts';

export interface Fault {
  /** As in `kill-node`. */
  readonly name: string;
  /** In words, for the table. */
  readonly about: string;
  /** Redis forgets what was acknowledged: readers may be told of gaps. Otherwise there must be none. */
  readonly forgets?: boolean;
  /** What it does. It calls `begin` at the moment from which recovery is counted, and resolves when it does no more. */
  strike(chaos: Chaos, begin: () => void): Promise<void>;
  /** After people have recovered: what is broken still is made whole, so that another fault can strike. */
  mend?(chaos: Chaos): Promise<void>;
}

export interface Round {
  readonly fault: string;
  readonly about: string;
  readonly seed: number;
  /** Until a message that everybody sent at the beginning had reached all others. */
  readonly chatMs: number;
  /** Until all voices were heard again, of those that were not for a second; 0 where none was. */
  readonly mediaMs: number;
  /** Until everybody saw exactly the others again, none of them away. */
  readonly membersMs: number;
  readonly lost: number;
  readonly doubled: number;
  readonly reordered: number;
  /** Readers that were told of one. */
  readonly gaps: number;
  /** Everything that must not be, in words. */
  readonly complaints: readonly string[];
}

/** A busy machine takes long for what is quick; nothing here waits for it longer than it takes. */
const recoveryMs = 120_000;
const remainsMs = 90_000;
const quietMs = 2_000;
const volleyMs = 1_000;
const maxVolleys = 60;

/** @throws {Error} when something does not recover at all. */
export async function runRound(chaos: Chaos, fault: Fault, say: (line: string) => void): Promise<Round> {
  const { people, watch, cluster } = chaos;
  const isRight = async () => (await watch.findWrong()) === undefined;
  const recovered = async (what: string) => {
    await eventually(isRight, what, recoveryMs).catch(async (error: unknown) => {
      throw new Error(`${what}: ${await watch.findWrong()}`, { cause: error });
    });
  };
  chaos.writing = true;
  await recovered('everybody to see and hear each other before');
  const gapsBefore = judge([], readersOf(people)).gaps;
  let beganMs = performance.now();
  let chat: Promise<number> | undefined;
  const begin = () => {
    beganMs = performance.now();
    chat = chatFlows(people, beganMs);
    // Its failure is told below.
    chat.catch(() => {});
  };
  say(`${fault.name}: it strikes`);
  await fault.strike(chaos, begin);
  if (!chat) begin();
  const chatMs = (await chat) ?? 0;
  say(`${fault.name}: messages flow`);
  await recovered('everybody to see and hear each other again');
  const membersMs = watch.wrongFor('members', beganMs);
  const mediaMs = watch.wrongFor('media', beganMs);
  const lastWrong = watch.lastWrong(beganMs);
  say(`${fault.name}: everybody sees and hears each other${lastWrong && `; before that ${lastWrong}`}`);
  await fault.mend?.(chaos);
  await recovered('everybody to see and hear each other when all is whole');
  chaos.writing = false;
  await settle(people);
  const speakers = people.filter(({ speaksIn }) => speaksIn !== undefined).length;
  const remaining = async () => [
    ...(await findRemains(cluster.redis, cluster.nodes.length)),
    ...(await findLeaks(cluster.nodes, { people: people.length, speakers })),
  ];
  let remains: readonly string[] = [];
  const nothingRemains = async () => {
    remains = await remaining();
    return remains.length === 0;
  };
  const nothing = eventually(nothingRemains, 'nothing to be left of the dead', remainsMs, 500);
  const left = await nothing.then(
    () => [],
    () => remains,
  );
  // Last: sessions of who closes are away for the grace.
  await compareRosters(chaos);
  await recovered('the witness to be gone');
  const complaints = people.flatMap((person) => [
    ...person.complaints,
    ...person.departures.filter((who) => who.startsWith('person-')).map((who) => `${person.identity} saw ${who} leave`),
  ]);
  const findings = judge(
    people.flatMap(({ acknowledged }) => acknowledged),
    readersOf(people),
  );
  const gaps = findings.gaps - gapsBefore;
  if (gaps > 0 && !fault.forgets) complaints.push(`${gaps} readers were told of a gap`);
  complaints.push(...left, ...findings.lost, ...findings.doubled, ...findings.reordered);
  const read = readersOf(people).reduce((sum, { events }) => sum + events.length, 0);
  const sent = people.reduce((sum, { acknowledged }) => sum + acknowledged.length, 0);
  const times = `messages ${chatMs} ms, voices ${mediaMs} ms, members ${membersMs} ms`;
  say(`${fault.name}: ${times}; so far ${sent} acknowledged, ${read} told, ${findings.gaps} gaps`);
  say(`${fault.name}: ${complaints.slice(0, 5).join('; ') || 'nothing to complain of'}`);
  return {
    fault: fault.name,
    about: fault.about,
    seed: chaos.seed,
    chatMs,
    mediaMs,
    membersMs,
    lost: findings.lost.length,
    doubled: findings.doubled.length,
    reordered: findings.reordered.length,
    gaps,
    complaints,
  };
}

const readersOf = (people: readonly ChaosPerson[]) => people.flatMap(({ readers }) => readers);

/**
 * Everybody says something in each room, once a second, until everybody in the room was told all that was said at once. What is
 * said at first may lie in a gap.
 */
export async function chatFlows(people: readonly ChaosPerson[], beganMs: number): Promise<number> {
  let volleys: (readonly { readonly name: string; readonly toldMs: () => number | undefined }[])[] = [];
  const say = () => {
    const said = people.flatMap((person) => [...person.rooms.keys()].map((room) => ({ person, ...person.say(room) })));
    const telling = said.flatMap(({ person, room, clientId }) =>
      people
        .filter(({ rooms }) => rooms.has(room))
        .map((reader) => ({
          name: `${person.identity} to ${reader.identity} in ${room}`,
          toldMs: () => reader.toldMs.get(`${room} ${clientId}`),
        })),
    );
    volleys = [...volleys, telling].slice(-maxVolleys);
  };
  say();
  const timer = setInterval(say, volleyMs);
  const findWhole = () => volleys.find((telling) => telling.every(({ toldMs }) => toldMs() !== undefined));
  try {
    const whole = await eventually(findWhole, 'messages to flow again', recoveryMs, 20);
    return Math.round(Math.max(...whole.map(({ toldMs }) => toldMs() ?? 0)) - beganMs);
  } catch (error) {
    const missing = volleys.at(-maxVolleys / 2)?.filter(({ toldMs }) => toldMs() === undefined) ?? [];
    const names = missing.map(({ name }) => name);
    throw new Error(`${names.length} are not told, as of ${names.slice(0, 20).join('; ')}`, { cause: error });
  } finally {
    clearInterval(timer);
  }
}

/** Everything that was said is acknowledged, and all readers of a room stand at one place, which stays where it is. */
async function settle(people: readonly ChaosPerson[]): Promise<void> {
  const isSettled = () => people.every(({ waiting, complaints }) => waiting.size === 0 || complaints.length > 0);
  await eventually(isSettled, 'every message to be acknowledged', recoveryMs, 50);
  let places = '';
  let sinceMs = performance.now();
  const standStill = () => {
    const rooms = people.flatMap(({ rooms: own }) => [...own.values()]);
    const now = rooms.map(({ name, chat }) => `${name} ${chat.cursor.epoch} ${chat.cursor.seq} ${chat.catchingUp}`);
    if (now.join() !== places) sinceMs = performance.now();
    places = now.join();
    const byRoom = new Set(now).size === new Set(rooms.map(({ name }) => name)).size;
    return byRoom && !places.includes('true') && performance.now() - sinceMs > quietMs;
  };
  await eventually(standStill, 'all readers of a room to stand at one place', recoveryMs, 50).catch(
    (error: unknown) => {
      throw new Error(places, { cause: error });
    },
  );
}
