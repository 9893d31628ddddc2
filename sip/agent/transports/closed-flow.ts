import type { Flow } from './flow.ts';
import { TransportError } from './transport-error.ts';

/** What is left of a flow whose connection is gone, for whoever remembers it longer than that: nothing of its socket. */
export function closedFlow({ id, transport, reliable, sentBy, local, remote }: Flow): Flow {
  return {
    id,
    transport,
    reliable,
    sentBy,
    local,
    remote,
    open: false,
    send: () => Promise.reject(new TransportError('CLOSED', id)),
    close: () => {},
  };
}
