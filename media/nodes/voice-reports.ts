import type { Clock, Timer } from '../../core/clock.ts';
import type { VoicesHeard } from '../../proto/gen/node-types.ts';
import type { RoomVoices, Voice } from '../room-voices.ts';
import type { RoomNodes } from './room-nodes.ts';

/** What a node heard counts no longer: it says so twice a second while it hears anybody. */
const keptMs = 1_500;
const maxVoices = 64;

interface VoiceReportsParts {
  readonly nodes: RoomNodes;
  readonly voices: RoomVoices;
  readonly clock: Clock;
  /** Whether a track is one of that node: of others it says nothing. */
  readonly isOf: (producerId: string, node: string) => boolean;
}

/** What nodes hear of their own peers, to the owner of the room, who makes one of it. */
export class VoiceReports {
  readonly #parts: VoiceReportsParts;
  readonly #expiries = new Map<string, Timer>();
  #voices: readonly Voice[] = [];
  #speaker: string | undefined;

  constructor(parts: VoiceReportsParts) {
    this.#parts = parts;
    const { nodes, voices } = parts;
    nodes.events.on('frame', ({ node, frame: { voicesHeard } }) => {
      if (voicesHeard) this.#take(node, voicesHeard);
    });
    nodes.events.on('roleChanged', ({ role }) => {
      if (role === 'follower') this.#tell();
      if (role !== 'owner') for (const node of [...this.#expiries.keys()]) this.#forget(node);
      voices.lookAgain();
    });
  }

  voicesAre(voices: readonly Voice[]): void {
    this.#voices = voices;
    this.#tell();
  }

  speakerIs(producerId: string | undefined): void {
    this.#speaker = producerId;
    this.#tell();
  }

  close(): void {
    for (const timer of this.#expiries.values()) timer.cancel();
    this.#expiries.clear();
  }

  #tell(): void {
    const voices = this.#voices
      .slice(0, maxVoices)
      .map(({ producerId, levelDbov }) => ({ producerId, level: clamp(levelDbov), silentMs: 0 }));
    this.#parts.nodes.sendToOwner({ voicesHeard: { voices, speakerProducerId: this.#speaker ?? '' } }, 'lossy');
  }

  #take(node: string, { voices, speakerProducerId }: VoicesHeard): void {
    const { clock, isOf, nodes } = this.#parts;
    if (nodes.role !== 'owner') return;
    const heard = voices.filter(({ producerId }) => isOf(producerId, node));
    this.#expiries.get(node)?.cancel();
    this.#expiries.set(
      node,
      clock.after(keptMs, () => this.#forget(node)),
    );
    this.#parts.voices.hear(node, {
      voices: heard.map(({ producerId, level }) => ({ producerId, levelDbov: level })),
      speaker: isOf(speakerProducerId, node) ? speakerProducerId : undefined,
    });
  }

  #forget(node: string): void {
    this.#expiries.get(node)?.cancel();
    this.#expiries.delete(node);
    this.#parts.voices.forget(node);
  }
}

function clamp(levelDbov: number): number {
  return Math.min(0, Math.max(-127, levelDbov));
}
