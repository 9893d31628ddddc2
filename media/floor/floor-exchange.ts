import type { Clock, Timer } from '../../core/clock.ts';
import type { Floor, Levels } from '../../proto/gen/node-types.ts';
import type { RoomNodes } from '../nodes/room-nodes.ts';

/** What the owner has not said again for so long does not hold any more. */
const holdsMs = 1_000;
/** So often the owner says what stands: frames may be lost. */
const sayEveryMs = 300;
/** Levels of who is heard, to the owner. */
const reportEveryMs = 40;
/** Of somebody who asks for the floor. */
const onsetEveryMs = 10;

interface FloorExchangeParts {
  readonly nodes: RoomNodes;
  readonly clock: Clock;
  /** What the owner of the room decided. */
  readonly onFloor: (producerIds: ReadonlySet<string>) => void;
  /** What another node says of its voices, for the owner. */
  readonly onLevels: (node: string, levels: Levels) => void;
  /** Somebody else decides now, or a node came: all is to be said again. */
  readonly onChanged: () => void;
}

/** Between the nodes of a room: levels to its owner, and the floor from there. */
export class FloorExchange {
  readonly #parts: FloorExchangeParts;
  readonly #unsubscribes: (() => void)[];
  #lastFloor = { term: 0, number: 0 };
  /** Runs while what the owner said holds. */
  #holds: Timer | undefined;
  #number = 0;
  #said: readonly string[] | undefined;
  #sayAgain: Timer | undefined;
  #reportedAtMs = Number.NEGATIVE_INFINITY;

  constructor(parts: FloorExchangeParts) {
    this.#parts = parts;
    const { nodes, onLevels, onChanged } = parts;
    this.#unsubscribes = [
      nodes.events.on('frame', ({ node, frame }) => {
        if (frame.floor) this.#take(node, frame.floor);
        if (frame.levels && nodes.role === 'owner') onLevels(node, frame.levels);
      }),
      nodes.events.on('roleChanged', ({ role }) => {
        if (role !== 'owner') this.stop();
        if (role === 'owner') this.#release();
        onChanged();
      }),
      nodes.events.on('came', onChanged),
    ];
  }

  /** This node decides over the voices of all. */
  get isOwner(): boolean {
    return this.#parts.nodes.role === 'owner';
  }

  /** The owner decides, and was heard of lately. */
  get follows(): boolean {
    return this.#holds !== undefined;
  }

  /** Of the owner: who has the floor. */
  say(producerIds: readonly string[]): void {
    const before = this.#said;
    this.#said = producerIds;
    const isSame = before?.length === producerIds.length && before.every((id, at) => id === producerIds[at]);
    if (!isSame) this.#send();
  }

  /** The floor is everybody's. */
  stop(): void {
    this.#said = undefined;
    this.#sayAgain?.cancel();
    this.#sayAgain = undefined;
  }

  /** Levels to the owner: of an onset soon, else when it is time, or in any case. */
  report(levels: () => Levels, when: 'onset' | 'due' | 'now'): void {
    const nowMs = this.#parts.clock.monotonicMs();
    const everyMs = { onset: onsetEveryMs, due: reportEveryMs, now: 0 }[when];
    if (nowMs - this.#reportedAtMs < everyMs) return;
    this.#reportedAtMs = nowMs;
    this.#parts.nodes.sendToOwner({ levels: levels() }, 'lossy');
  }

  close(): void {
    this.stop();
    this.#release();
    for (const unsubscribe of this.#unsubscribes) unsubscribe();
  }

  #send(): void {
    const { nodes, clock } = this.#parts;
    this.#sayAgain?.cancel();
    this.#sayAgain = undefined;
    if (this.#said === undefined || !this.isOwner) return;
    this.#number += 1;
    const floor = { term: nodes.term, number: this.#number, producerIds: [...this.#said] };
    for (const node of nodes.all) nodes.send(node, { floor }, 'lossy');
    this.#sayAgain = clock.after(sayEveryMs, () => this.#send());
  }

  #take(node: string, { term, number, producerIds }: Floor): void {
    const { clock, nodes, onChanged, onFloor } = this.#parts;
    if (!nodes.obeys(node, term)) return;
    if (this.#lastFloor.term === term && this.#lastFloor.number >= number) return;
    this.#lastFloor = { term, number };
    this.#holds?.cancel();
    this.#holds = clock.after(holdsMs, () => {
      this.#holds = undefined;
      onChanged();
    });
    onFloor(new Set(producerIds));
  }

  #release(): void {
    this.#holds?.cancel();
    this.#holds = undefined;
  }
}
