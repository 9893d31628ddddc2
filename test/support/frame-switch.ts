// The cable between hosts of a test: their Ethernet frames come in VXLAN (RFC 7348) over UDP, and are delayed, lost or cut
// on their way by the pair. Kernels without sch_netem can do no delay of their own.

import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createRandom } from './random.ts';

export interface FrameFault {
  /** Each way. */
  readonly delayMs?: number;
  readonly lossPercent?: number;
}

export interface FrameSwitch extends AsyncDisposable {
  /** Where hosts send their frames, and where they listen for them themselves. */
  readonly port: number;
  /** Of all frames. Replaces what was set before. */
  impair(fault: FrameFault): void;
  /** Nothing gets to the host at that place, and nothing from it. */
  cut(place: number): void;
  mend(place: number): void;
  /** Frames that were let through so far: a test that impaired nothing at all proves nothing. */
  readonly passed: number;
  readonly lost: number;
}

export interface SwitchOptions {
  /** The address of this machine that hosts send to. */
  readonly address: string;
  /** Of hosts, in the order of their places. */
  readonly hosts: readonly string[];
  /** The same losses for the same frames. */
  readonly seed: number;
}

/** The VXLAN header, and the destination of the frame behind it. */
const headerBytes = 8;
const addressBytes = 6;
/** On their way at once; what comes besides is lost. */
const maxOnTheWay = 20_000;

/** The host at a place has this Ethernet address on the cable. */
export const macOf = (place: number): string => `02:00:00:00:00:${place.toString(16).padStart(2, '0')}`;

export async function startFrameSwitch({ address, hosts, seed }: SwitchOptions): Promise<FrameSwitch> {
  const random = createRandom(seed);
  const socket = createSocket({ type: 'udp4', recvBufferSize: 1 << 20 });
  socket.bind(0, address);
  await once(socket, 'listening');
  // A host that is gone answers with ICMP.
  socket.on('error', () => {});
  const { port } = socket.address();
  const timers = new Set<NodeJS.Timeout>();
  const cut = new Set<number>();
  let fault: FrameFault = {};
  let passed = 0;
  let lost = 0;

  const isCut = (from: number, to: number) => cut.has(from) || cut.has(to);
  const deliver = (frame: Buffer, to: number): void => {
    passed++;
    socket.send(frame, port, hosts[to]);
  };
  socket.on('message', (frame, { address: sender }) => {
    const from = hosts.indexOf(sender);
    const to = frame.byteLength < headerBytes + addressBytes ? -1 : (frame[headerBytes + addressBytes - 1] ?? -1);
    if (from < 0 || to < 0 || to >= hosts.length || to === from) return;
    const { delayMs = 0, lossPercent = 0 } = fault;
    if (isCut(from, to) || random() * 100 < lossPercent || timers.size >= maxOnTheWay) {
      lost++;
      return;
    }
    if (delayMs === 0) {
      deliver(frame, to);
      return;
    }
    const timer = setTimeout(() => {
      timers.delete(timer);
      if (!isCut(from, to)) deliver(frame, to);
    }, delayMs);
    timers.add(timer);
  });
  return {
    port,
    impair(next) {
      fault = next;
    },
    cut: (place) => void cut.add(place),
    mend: (place) => void cut.delete(place),
    get passed() {
      return passed;
    },
    get lost() {
      return lost;
    },
    async [Symbol.asyncDispose]() {
      for (const timer of timers) clearTimeout(timer);
      await new Promise<void>((resolve) => socket.close(resolve));
    },
  };
}
