import { Emitter } from '../../core/events.ts';
import { type Bus, type BusEvents, type Channel, maxFrameBytes } from '../bus.ts';
import { StoreError } from '../room-log.ts';
import type { MemoryCluster } from './memory-cluster.ts';

interface Subscription {
  readonly node: string;
  readonly listener: (frame: Uint8Array) => void;
}
/** By channel. */
export type MemoryChannels = Map<string, Set<Subscription>>;

export class MemoryBus implements Bus {
  readonly events = new Emitter<BusEvents>(() => {});
  readonly #cluster: MemoryCluster;
  readonly #node: string;
  readonly #own = new Map<Subscription, string>();

  constructor(cluster: MemoryCluster, node: string) {
    this.#cluster = cluster;
    this.#node = node;
  }

  async publish(channel: Channel, frame: Uint8Array): Promise<void> {
    this.#cluster.requireReachable(this.#node);
    if (frame.length > maxFrameBytes) throw new StoreError('corrupt', 'The frame is too large.');
    const copy = frame.slice();
    const subscriptions = this.#cluster.channels.get(nameOf(channel));
    for (const subscription of subscriptions ?? []) {
      this.#cluster.send(this.#node, subscription.node, () => {
        if (subscriptions?.has(subscription)) subscription.listener(copy);
      });
    }
  }

  async subscribe(channel: Channel, listener: (frame: Uint8Array) => void): Promise<() => void> {
    this.#cluster.requireReachable(this.#node);
    const name = nameOf(channel);
    const subscription: Subscription = { node: this.#node, listener };
    const { channels } = this.#cluster;
    const subscriptions = channels.get(name) ?? new Set();
    channels.set(name, subscriptions.add(subscription));
    this.#own.set(subscription, name);
    return () => this.#unsubscribe(subscription, name);
  }

  interrupt(): void {
    this.events.emit('interrupted', {});
  }

  restore(): void {
    this.events.emit('restored', {});
  }

  async close(): Promise<void> {
    for (const [subscription, name] of this.#own) this.#unsubscribe(subscription, name);
  }

  #unsubscribe(subscription: Subscription, name: string): void {
    const { channels } = this.#cluster;
    this.#own.delete(subscription);
    const subscriptions = channels.get(name);
    subscriptions?.delete(subscription);
    if (subscriptions?.size === 0) channels.delete(name);
  }
}

function nameOf(channel: Channel): string {
  switch (channel.to) {
    case 'nodes':
      return 'nodes';
    case 'node':
      return `node ${channel.life}`;
    case 'room':
      return `room ${channel.room}`;
  }
}
