import type { MethodName, Methods } from '../../proto/gen/types.ts';
import type { CallOptions } from './calls.ts';
import type { Lifetime } from './lifetime.ts';

/** Methods whose request names a room. */
export type RoomMethod = {
  [M in MethodName]: Methods[M]['init'] extends { room: string } ? M : never;
}[MethodName];

/** Calls within one room; its name is filled in. */
export interface RoomCalls {
  /** @throws {ParleyError} by rejection: NOT_CONNECTED at once while the room is not joined (now). */
  call<M extends RoomMethod, T = Methods[M]['response']>(
    method: M,
    params: Omit<Methods[M]['init'], 'room'>,
    options?: CallOptions<M, T>,
  ): Promise<T>;
  readonly isJoined: boolean;
  /** Resolves while the room is joined: at once, or when the connection is back. Rejects when the life ends. */
  whenJoined(life: Lifetime): Promise<void>;
}
