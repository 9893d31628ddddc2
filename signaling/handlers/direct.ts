import type { AreaHandlers } from '../../core/rpc.ts';
import type { CallContext } from '../call.ts';
import type { HandlerParts } from './handler-parts.ts';
import { notServed } from './not-served.ts';

export function createDirectHandlers(_parts: HandlerParts): AreaHandlers<'direct', CallContext> {
  return {
    signal: notServed('direct.signal'),
    report: notServed('direct.report'),
  };
}
