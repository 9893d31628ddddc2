import type { AreaHandlers } from '../../core/rpc.ts';
import type { CallContext } from '../call.ts';
import type { HandlerParts } from './handler-parts.ts';
import { notServed } from './not-served.ts';

export function createDataHandlers(_parts: HandlerParts): AreaHandlers<'data', CallContext> {
  return {
    open: notServed('data.open'),
  };
}
