import type { AreaHandlers } from '../../core/rpc.ts';
import type { CallContext } from '../call.ts';
import type { HandlerParts } from './handler-parts.ts';
import { notServed } from './not-served.ts';

export function createQualityHandlers(_parts: HandlerParts): AreaHandlers<'quality', CallContext> {
  return {
    report: notServed('quality.report'),
    get: notServed('quality.get'),
  };
}
