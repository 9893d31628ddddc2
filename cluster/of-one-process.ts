import { Emitter } from '../core/events.ts';
import type { RoomLog, RoomLogEvents } from './room-log.ts';

/** What an engine has to say that nobody outside of its process appends to: nothing. */
export const ofOneProcess: Pick<RoomLog, 'follow' | 'state' | 'events'> = {
  follow: () => Promise.resolve(() => {}),
  state: 'up',
  events: new Emitter<RoomLogEvents>(() => {}),
};
