// Port: what nodes ask of each other directly, and what must be there within milliseconds. Everything else goes by the bus.

import type { Listening } from '../core/events.ts';
import type { LinkFrame, NodeMethods } from '../proto/gen/node-types.ts';
import type { Life } from './directory.ts';

export type NodeMethod = keyof NodeMethods;

/** What a node does for others. What it throws as AppError the caller gets as it is, anything else as INTERNAL. */
export type NodeHandlers = {
  readonly [Method in NodeMethod]: (
    request: NodeMethods[Method]['request'],
    from: Life,
  ) => Promise<NodeMethods[Method]['response']> | NodeMethods[Method]['response'];
};

/** A larger frame is not sent over a link. */
export const maxLinkFrameBytes = 512 * 1024;

/** `opening`: nothing is known of the other side yet. `down`: it was not heard of for 3 s, or cannot be reached. */
export type LinkState = 'opening' | 'up' | 'down';

export interface NodeLinkEvents {
  stateChanged: { readonly state: LinkState };
}

/** Frames to one other node, in order. It comes back by itself until it is closed or the other node's life has ended. */
export interface NodeLink {
  readonly to: Life;
  readonly state: LinkState;
  readonly events: Listening<NodeLinkEvents>;
  /**
   * At most once. `reliable`: beyond 1 MB that waits, the link is made anew, and what waited is lost, as with a link that goes
   * down. `lossy`: dropped where 256 KB wait. Answers whether it was taken; while the link is not up nothing is.
   */
  send(frame: LinkFrame, how: 'reliable' | 'lossy'): boolean;
}

export interface NodeCallsEvents {
  /** Emitted for each frame that another node sent over its link. */
  frame: { readonly from: Life; readonly frame: LinkFrame };
}

/** The way to other nodes. Where they are stands in the directory. */
export interface NodeCalls {
  /**
   * @throws {AppError} by rejection: NODE_UNREACHABLE when there is no answer in time or the node is not known (whether it was
   * done is not known then), NODE_TOKEN_REFUSED, and whatever the other node's handler threw.
   */
  call<Method extends NodeMethod>(
    to: Life,
    method: Method,
    request: NodeMethods[Method]['request'],
  ): Promise<NodeMethods[Method]['response']>;
  /** The same for whoever asks; opened by the first. Of a life that is not known it is `down`. */
  link(to: Life): NodeLink;
  readonly events: Listening<NodeCallsEvents>;
  /** What this node does for others, besides what was said before. Callers of anything else are told NODE_UNREACHABLE. */
  serve(handlers: Partial<NodeHandlers>): void;
  /** The TCP port that calls of others are taken on. */
  readonly port: number;
  close(): Promise<void>;
}
