import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { RoomSnapshot } from '../proto/gen/types.ts';
import { startSignaling, type TestClient, type TestSignaling } from './testing/start-signaling.ts';

const room = 'standup';

/** What a client makes of what it is told, with a complaint whenever that makes no sense. */
class Observer {
  readonly identity: string;
  readonly #t: TestSignaling;
  #client: TestClient;
  #ownPeerId: string | undefined;
  #peerCount = 0;
  #seq = 0;
  #said = 0;
  readonly #view = new Map<string, string>();
  lost = false;

  constructor(t: TestSignaling, client: TestClient, identity: string) {
    this.#t = t;
    this.#client = client;
    this.identity = identity;
  }

  get present(): boolean {
    return this.#ownPeerId !== undefined;
  }

  async join(): Promise<void> {
    this.#startFrom((await this.#client.endpoint.call('room.join', { room })) as RoomSnapshot);
  }

  leave(): void {
    this.#readEvents();
    void this.#client.endpoint.call('room.leave', { room });
    this.#ownPeerId = undefined;
    this.#client.link.take();
  }

  say(): void {
    this.#said += 1;
    const message = { room, clientId: `${this.#said}`, text: 'hi' };
    // Who leaves in this turn is refused.
    Promise.resolve(this.#client.endpoint.call('chat.send', message)).catch(() => {});
  }

  lose(): void {
    this.#readEvents();
    this.lost = true;
    this.#client.link.lose();
  }

  /** In the middle of a turn, where others do things too. */
  async comeBack(): Promise<void> {
    const again = this.#t.open();
    const { rooms } = await again.connect(this.#t.verifier.issue({ identity: this.identity }), this.#client);
    this.#client = again;
    this.lost = false;
    const [snapshot] = rooms;
    expect(snapshot !== undefined).toBe(this.present);
    if (snapshot) this.#startFrom(snapshot);
  }

  expectToKnow(truth: readonly string[]): void {
    this.#readEvents();
    expect([...this.#view.values()].sort()).toEqual([...truth].sort());
    expect(this.#peerCount).toBe(truth.length + 1);
  }

  #startFrom(snapshot: RoomSnapshot): void {
    this.#ownPeerId = snapshot.peerId;
    this.#peerCount = snapshot.peerCount;
    this.#seq = snapshot.log.seq;
    this.#view.clear();
    for (const peer of snapshot.peers) this.#add(peer.peerId, peer.identity);
    expect(snapshot.peers.length).toBe(snapshot.peerCount - 1);
  }

  #readEvents(): void {
    for (const { name, payload } of this.#client.link.take()) {
      if (name === 'peersJoined') {
        for (const peer of payload.peers) this.#add(peer.peerId, peer.identity);
        this.#peerCount = payload.peerCount;
      } else if (name === 'peersLeft') {
        for (const { peerId } of payload.peers) expect(this.#view.delete(peerId)).toBe(true);
        this.#peerCount = payload.peerCount;
      } else if (name === 'peerChanged') {
        expect(this.#view.has(payload.peer.peerId)).toBe(true);
      } else if (name === 'logRecords') {
        for (const { seq } of payload.records) {
          expect(seq).toBeGreaterThan(this.#seq);
          this.#seq = seq;
        }
      }
    }
  }

  #add(peerId: string, identity: string): void {
    expect(peerId).not.toBe(this.#ownPeerId);
    expect(this.#view.has(peerId)).toBe(false);
    this.#view.set(peerId, identity);
  }
}

async function take(step: Step, observers: readonly Observer[], t: TestSignaling): Promise<void> {
  const observer = observers[step.who]!;
  if (step.kind === 'turn') t.turns.endNow();
  else if (step.kind === 'connection') await (observer.lost ? observer.comeBack() : observer.lose());
  else if (observer.lost) return;
  else if (step.kind === 'membership') await (observer.present ? observer.leave() : observer.join());
  else if (observer.present) observer.say();
}

interface Step {
  readonly kind: 'membership' | 'say' | 'connection' | 'turn';
  readonly who: number;
}

const people = 8;

const anyStep: fc.Arbitrary<Step> = fc.record({
  kind: fc.oneof(
    { weight: 6, arbitrary: fc.constant('membership' as const) },
    { weight: 2, arbitrary: fc.constant('turn' as const) },
    { weight: 2, arbitrary: fc.constant('connection' as const) },
    { weight: 1, arbitrary: fc.constant('say' as const) },
  ),
  who: fc.nat(people - 1),
});

test('whoever joins, leaves, speaks, is lost and comes back in whichever turn: every view is the truth in the end', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { maxLength: 60 }), async (steps) => {
      const t = startSignaling({ sessions: { resumeGraceMs: 3_000_000 } });
      const observers: Observer[] = [];
      for (let index = 0; index < people; index++) {
        const identity = `peer-${index}`;
        observers.push(new Observer(t, await t.connect({ identity }), identity));
      }
      for (const step of steps) {
        await take(step, observers, t);
        // How often one may join is not the question here.
        t.clock.advance(1000);
      }
      t.turns.endNow();
      const present = observers.filter((observer) => observer.present);
      for (const observer of present) {
        if (observer.lost) continue;
        observer.expectToKnow(present.filter((other) => other !== observer).map(({ identity }) => identity));
      }
    }),
    { numRuns: 200 },
  );
});
