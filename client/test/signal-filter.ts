// What two clients of a direct call say to each other, changed on its way: the network between them, as a test wants it.

import { WebSocket } from 'ws';
import type { WebSocketClass } from '../src/index.ts';

export interface HostCandidate {
  readonly ip: string;
  readonly port: number;
}

/** What the other one is told of a UDP candidate; undefined: nothing. */
export type ChangeCandidate = (candidate: HostCandidate) => HostCandidate | undefined;

interface Frame {
  readonly method?: string;
  readonly params?: { readonly kind: string; readonly data: string };
}

/** For `webSocket` of a client of the JSON subprotocol. */
export function changingCandidates(change: ChangeCandidate): WebSocketClass {
  class ChangingWebSocket extends WebSocket {
    override send(data: unknown): void {
      const frame = JSON.parse(String(data)) as Frame;
      if (frame.method !== 'direct.signal' || !frame.params) {
        super.send(String(data));
        return;
      }
      const { kind, data: said } = frame.params;
      const changed = kind === 'candidate' ? changeCandidate(said, change) : withoutCandidates(said);
      super.send(JSON.stringify({ ...frame, params: { ...frame.params, data: changed } }));
    }
  }
  return ChangingWebSocket as unknown as WebSocketClass;
}

/** RFC 8839 section 5.1: foundation, component, transport, priority, address, port. */
function changeCandidate(data: string, change: ChangeCandidate): string {
  const said = JSON.parse(data) as { readonly candidate: string };
  const parts = said.candidate.split(' ');
  const [, , transport, , ip = '', port] = parts;
  const changed = transport?.toLowerCase() === 'udp' ? change({ ip, port: Number(port) }) : undefined;
  if (!changed) return '{}';
  parts.splice(4, 2, changed.ip, String(changed.port));
  return JSON.stringify({ ...said, candidate: parts.join(' ') });
}

function withoutCandidates(sdp: string): string {
  return sdp.replace(/^a=candidate:.*\r\n/gm, '');
}
