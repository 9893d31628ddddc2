import type { AreaHandlers } from '../../core/rpc.ts';
import type { CallContext } from '../call.ts';
import type { HandlerParts } from './handler-parts.ts';
import { notServed } from './not-served.ts';

export function createSdpHandlers(_parts: HandlerParts): AreaHandlers<'sdp', CallContext> {
  return {
    publish: notServed('sdp.publish'),
    subscribe: notServed('sdp.subscribe'),
    select: notServed('sdp.select'),
    answer: notServed('sdp.answer'),
    trickle: notServed('sdp.trickle'),
    restartIce: notServed('sdp.restartIce'),
    close: notServed('sdp.close'),
  };
}
