import type { LogNews, LogPush } from '../room-log.ts';

/** Hands something to a follower later, or never. */
export type Deliver = (to: string, callback: () => void) => void;

/** Who follows which room of a store that several nodes of one process write to. */
export class MemoryLogNews {
  readonly #deliver: (from: string) => Deliver;
  readonly #followers = new Map<string, Set<{ readonly node: string; readonly news: LogNews }>>();

  constructor(deliver: (from: string) => Deliver) {
    this.#deliver = deliver;
  }

  follow(node: string, room: string, news: LogNews): () => void {
    const follower = { node, news };
    const followers = this.#followers.get(room) ?? new Set();
    this.#followers.set(room, followers.add(follower));
    return () => {
      followers.delete(follower);
      if (followers.size === 0 && this.#followers.get(room) === followers) this.#followers.delete(room);
    };
  }

  pushed(from: string, push: LogPush): void {
    this.#tell(from, push.room, (news) => news.pushed(push));
  }

  trimmed(from: string, room: string, head: Parameters<LogNews['trimmed']>[0]): void {
    this.#tell(from, room, (news) => news.trimmed(head));
  }

  /** Whatever this node follows may have missed something. */
  interrupt(node: string): void {
    for (const follower of [...this.#followers.values()].flatMap((followers) => [...followers])) {
      if (follower.node === node) follower.news.interrupted();
    }
  }

  #tell(from: string, room: string, tell: (news: LogNews) => void): void {
    const deliver = this.#deliver(from);
    const followers = this.#followers.get(room);
    for (const follower of followers ?? []) {
      deliver(follower.node, () => {
        if (followers?.has(follower)) tell(follower.news);
      });
    }
  }
}
