import type { AreaHandlers } from '../../core/rpc.ts';
import type { CallContext } from '../call.ts';
import type { HandlerParts } from './handler-parts.ts';
import { notServed } from './not-served.ts';

export function createRecordingHandlers(_parts: HandlerParts): AreaHandlers<'recording', CallContext> {
  return {
    start: notServed('recording.start'),
    stop: notServed('recording.stop'),
    list: notServed('recording.list'),
    delete: notServed('recording.delete'),
  };
}
