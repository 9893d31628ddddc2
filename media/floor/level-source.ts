import type { EngineRouter } from '../engine.ts';
import type { RoomProducer } from '../room-objects.ts';

/** `unknown`: its packets do not say how loud they are. */
export type OnLevel = (level: number | 'unknown') => void;

/** Where levels of voices come from, packet by packet. */
export interface LevelSource {
  /** Whether the level of a producer can be read at all. */
  canRead(producer: Pick<RoomProducer, 'rtpParameters'>): boolean;
  /**
   * Resolves when levels come, in dBov; answers how to stop. @throws {AppError} of {@link EngineRouter.createTap} and of what it makes.
   */
  watch(
    producer: Pick<RoomProducer, 'id' | 'rtpParameters'>,
    router: EngineRouter,
    onLevel: OnLevel,
  ): Promise<() => void>;
}
