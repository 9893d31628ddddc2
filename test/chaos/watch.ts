// Looks at all clients again and again, and remembers when something was last not as it should be.

import { setTimeout as delay } from 'node:timers/promises';
import type { ChaosPerson } from './chaos-person.ts';

/** Statistics of libwebrtc cost a lot; recovery is told in tenths of a second. */
const intervalMs = 200;
/** Voices come in 50 packets a second: none within this time is silence. */
const silentMs = 1_000;

export class Watch implements AsyncDisposable {
  /** When members, and voices, were last not as they should be, and what was wrong. */
  readonly #wrong = { members: { atMs: 0, what: '' }, media: { atMs: 0, what: '' } };
  readonly #people: readonly ChaosPerson[];
  readonly #voices = new Map<string, { track: object; packets: number; grewMs: number }>();
  readonly #running: Promise<void>;
  #ended = false;
  #looks = 0;

  constructor(people: readonly ChaosPerson[]) {
    this.#people = people;
    this.#running = this.#run();
  }

  /** How long after `sinceMs` it was wrong for the last time; 0 where it was not. */
  wrongFor(what: 'members' | 'media', sinceMs: number): number {
    return Math.max(0, Math.round(this.#wrong[what].atMs - sinceMs));
  }

  /** What was wrong last, and when, from `sinceMs` on. */
  lastWrong(sinceMs: number): string {
    const told = Object.values(this.#wrong).filter(({ atMs }) => atMs > sinceMs);
    return told.map(({ atMs, what }) => `${what} ${Math.round(atMs - sinceMs)} ms after it`).join('; ');
  }

  /** What is wrong, as it was seen in looks that began after this call. */
  async findWrong(): Promise<string | undefined> {
    const first = this.#looks + 2;
    const startMs = performance.now();
    while (this.#looks < first && !this.#ended) await delay(intervalMs / 4);
    const { members, media } = this.#wrong;
    if (members.atMs > startMs) return members.what;
    return media.atMs > startMs ? media.what : undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ended = true;
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#ended) {
      const members = findWrongMembers(this.#people);
      const media = await this.#findSilence();
      const atMs = performance.now();
      if (members) this.#wrong.members = { atMs, what: members };
      if (media) this.#wrong.media = { atMs, what: media };
      this.#looks += 1;
      await delay(intervalMs);
    }
  }

  async #findSilence(): Promise<string | undefined> {
    const speakers = this.#people.filter(({ speaksIn }) => speaksIn !== undefined);
    const pairs = speakers.flatMap((by) =>
      speakers.filter((of) => of !== by && of.speaksIn === by.speaksIn).map((of) => ({ by, of })),
    );
    const found = await Promise.all(pairs.map(({ by, of }) => this.#isSilent(by, of)));
    return found.find((what) => what !== undefined);
  }

  async #isSilent(by: ChaosPerson, of: ChaosPerson): Promise<string | undefined> {
    const name = `${by.identity} hears ${of.identity}`;
    const heard = await by.heardOf(of.rooms.get(of.speaksIn ?? '')?.peerId ?? '');
    const nowMs = performance.now();
    const last = this.#voices.get(name);
    if (!heard) return `${by.identity} has no track of ${of.identity}`;
    if (last?.track !== heard.track) {
      this.#voices.set(name, { ...heard, grewMs: Number.NEGATIVE_INFINITY });
      return `${by.identity} has a new track of ${of.identity}`;
    }
    if (heard.packets > last.packets) this.#voices.set(name, { ...heard, grewMs: nowMs });
    return nowMs - (this.#voices.get(name)?.grewMs ?? 0) > silentMs
      ? `${by.identity} hears nothing of ${of.identity}`
      : undefined;
  }
}

/** Everybody is to see exactly the others who live, none of them away, by the ids that they have themselves. */
function findWrongMembers(people: readonly ChaosPerson[]): string | undefined {
  for (const { identity, client, rooms } of people) {
    if (client.state !== 'connected') return `${identity} is ${client.state}`;
    for (const [name, room] of rooms) {
      const others = people.filter((one) => one.identity !== identity && one.rooms.has(name));
      const expected = others.map((one) => `${one.identity} ${one.rooms.get(name)?.peerId}`).sort();
      const seen = [...room.peers.values()].map((peer) => `${peer.identity} ${peer.peerId}${peer.away ? ' away' : ''}`);
      if (seen.sort().join() !== expected.join())
        return `${identity} sees in ${name}: ${seen.join()}, not ${expected.join()}`;
      if (room.peerCount !== expected.length + 1) return `${identity} counts ${room.peerCount} in ${name}`;
    }
  }
  return undefined;
}
