// What is meant for people wherever they are: told to their sessions here, and to the nodes where they have others.

import type { Life } from '../../cluster/directory.ts';
import type { ToUsers } from '../../proto/gen/node-types.ts';
import type { ClusterContext } from './cluster-context.ts';
import type { Frames } from './frames.ts';

export type UserEvent = Omit<ToUsers, 'identities'>;
/** At once and never failing; what is lost is lost. */
export type TellUsers = (identities: readonly string[], event: UserEvent) => void;

interface UserMessagesParts extends ClusterContext {
  /** Tells the sessions of this node. */
  readonly onHeard: (identities: readonly string[], event: UserEvent, from: Life) => void;
}

export class UserMessages {
  readonly #parts: UserMessagesParts;
  readonly #frames: Frames;
  readonly #ends: (() => void)[];
  #unsubscribe = () => {};
  #closed = false;

  constructor(parts: UserMessagesParts) {
    this.#parts = parts;
    this.#frames = parts.frames;
    const { events } = parts.directory.nodes;
    this.#ends = [
      events.on('died', ({ life }) => this.#frames.died(life)),
      events.on('reborn', () => void this.#listen()),
    ];
    void this.#listen();
  }

  readonly tell: TellUsers = (identities, event) => {
    if (identities.length > 0 && this.#parts.directory.nodes.others.size > 0) void this.#tell(identities, event);
  };

  close(): void {
    this.#closed = true;
    for (const end of this.#ends) end();
    this.#unsubscribe();
  }

  async #tell(identities: readonly string[], event: UserEvent): Promise<void> {
    const { bus, directory, log } = this.#parts;
    try {
      const byLife = new Map<Life, string[]>();
      for (const [identity, lives] of await directory.users.whereAre(identities)) {
        for (const life of lives) byLife.set(life, [...(byLife.get(life) ?? []), identity]);
      }
      const { life: here } = directory.nodes;
      byLife.delete(here);
      await Promise.all(
        Array.from(byLife, ([life, some]) =>
          bus.publish({ to: 'node', life }, this.#frames.write(here, { toUsers: { identities: some, ...event } })),
        ),
      );
    } catch (error) {
      log.debug({ err: error }, 'people on other nodes were not told');
    }
  }

  async #listen(): Promise<void> {
    const { bus, directory, clock, log } = this.#parts;
    const { life } = directory.nodes;
    this.#unsubscribe();
    this.#unsubscribe = () => {};
    try {
      const end = await bus.subscribe({ to: 'node', life }, (frame) => this.#heard(frame));
      if (this.#closed || life !== directory.nodes.life) end();
      else this.#unsubscribe = end;
    } catch (error) {
      log.debug({ err: error }, 'what is meant for people of this node is not heard yet');
      clock.after(retryMs, () => {
        if (!this.#closed && life === directory.nodes.life) void this.#listen();
      });
    }
  }

  #heard(bytes: Uint8Array): void {
    const frame = this.#frames.read(bytes);
    if (frame?.content.toUsers === undefined) return;
    const { identities, ...event } = frame.content.toUsers;
    this.#parts.onHeard(identities, event, frame.from);
  }
}

const retryMs = 1_000;
