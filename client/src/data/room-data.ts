import { Emitter } from '../emitter.ts';
import { sdkError } from '../errors.ts';
import type { DataOptions, RoomData, RoomDataEvents } from './data-api.ts';

/** Of a room without data channels. */
export class NoRoomData implements RoomData {
  readonly #emitter = new Emitter<RoomDataEvents>();

  on<Name extends keyof RoomDataEvents>(name: Name, listener: (event: RoomDataEvents[Name]) => void): () => void {
    return this.#emitter.on(name, listener);
  }

  send(_payload: Uint8Array, _options?: DataOptions): boolean {
    throw sdkError('MEDIA_UNSUPPORTED');
  }
}
