import { systemClock } from '../../core/clock.ts';
import type { Directory } from '../directory.ts';
import { RedisNodeLeases, type RedisNodeLeasesParts } from './beat.ts';
import { RedisPhonePlaces } from './phone-places.ts';
import { RedisTallies } from './redis-tallies.ts';
import { RedisRoomOwners } from './room-owners.ts';
import { RedisUserPlaces } from './user-places.ts';

export interface RedisDirectoryParts extends RedisNodeLeasesParts {
  /** Whether it is a Redis Cluster: a script keeps to one slot there. */
  readonly split: boolean;
}

export class RedisDirectory implements Directory {
  readonly nodes: RedisNodeLeases;
  readonly rooms: RedisRoomOwners;
  readonly users: RedisUserPlaces;
  readonly phones: RedisPhonePlaces;
  readonly calls: RedisPhonePlaces;
  readonly tallies: RedisTallies;

  constructor(parts: RedisDirectoryParts) {
    const { link, subscriber, prefix, name, split, clock = systemClock, log } = parts;
    const nodes = new RedisNodeLeases(parts);
    const life = () => nodes.life;
    const isLiving = (one: string) => one === nodes.life || nodes.others.has(one);
    this.nodes = nodes;
    const met = (one: string) => nodes.met(one);
    this.rooms = new RedisRoomOwners({ link, subscriber, prefix, life, nodes: nodes.events, met, log });
    this.users = new RedisUserPlaces({ link, prefix, life, isLiving, split, log });
    this.phones = new RedisPhonePlaces({ keys: 'ph', link, prefix, life, isLiving, split, clock, log });
    this.calls = new RedisPhonePlaces({ keys: 'ca', link, prefix, life, isLiving, split, clock, log });
    this.tallies = new RedisTallies({ link, prefix, name, life, isLiving, clock });
    for (const places of [this.users, this.phones, this.calls]) {
      nodes.events.on('reset', () => places.tellAgain());
      nodes.events.on('reborn', () => places.tellAgain());
    }
  }

  async close(): Promise<void> {
    this.nodes.stop();
    this.rooms.close();
    this.users.close();
    this.phones.close();
    this.calls.close();
  }
}
