// A way between a peer and the agent that loses, holds back and repeats datagrams, as a test says.

import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import type { Random } from './random.ts';

export interface Passing {
  readonly text: string;
  /** On the way to what is behind the relay. */
  readonly inwards: boolean;
}

export interface SipRelayOptions {
  /** The port at 127.0.0.1 that is behind it; a function where that is known later. */
  readonly to: number | (() => number);
  /** What becomes of a datagram; `delay` lets later ones overtake it. */
  readonly fate: (passing: Passing) => 'pass' | 'lose' | 'delay' | 'repeat';
  /** What arrives in place of the text, which is as long; as it came without it. */
  readonly rewrite?: (passing: Passing) => string;
}

export interface SipRelay extends AsyncDisposable {
  readonly port: number;
  readonly lost: number;
}

const delayMs = 40;

/** Each peer gets a socket of its own towards the agent, as a router with NAT would give it. */
export async function startSipRelay({ to, fate, rewrite = ({ text }) => text }: SipRelayOptions): Promise<SipRelay> {
  const front = createSocket('udp4').bind(0, '127.0.0.1');
  await once(front, 'listening');
  const backs = new Map<number, Socket>();
  const delayed = new Set<NodeJS.Timeout>();
  let lost = 0;
  let open = true;
  const pass = (bytes: Buffer, inwards: boolean, sendBytes: (bytes: Buffer) => void) => {
    const passing = { text: bytes.toString('latin1'), inwards };
    const what = fate(passing);
    const send = () => sendBytes(Buffer.from(rewrite(passing), 'latin1'));
    if (what === 'lose') lost += 1;
    else if (what !== 'delay') send();
    if (what !== 'delay' && what !== 'repeat') return;
    const timer = setTimeout(() => {
      delayed.delete(timer);
      if (open) send();
    }, delayMs);
    delayed.add(timer);
  };
  front.on('message', (bytes, { port }) => {
    let back = backs.get(port);
    if (back === undefined) {
      back = createSocket('udp4').bind(0, '127.0.0.1');
      back.on('message', (answer) => pass(answer, false, (sent) => front.send(sent, port, '127.0.0.1')));
      backs.set(port, back);
    }
    const through = back;
    pass(bytes, true, (sent) => through.send(sent, typeof to === 'number' ? to : to(), '127.0.0.1'));
  });
  return {
    port: front.address().port,
    get lost() {
      return lost;
    },
    async [Symbol.asyncDispose]() {
      open = false;
      for (const timer of delayed) clearTimeout(timer);
      for (const socket of [front, ...backs.values()]) socket.close();
    },
  };
}

/** A share of all datagrams is lost, another comes late, and a few come twice. */
export function unsteady(random: Random, { lost = 0.1, late = 0.1, twice = 0.02 } = {}): SipRelayOptions['fate'] {
  return () => {
    const at = random();
    if (at < lost) return 'lose';
    if (at < lost + late) return 'delay';
    return at < lost + late + twice ? 'repeat' : 'pass';
  };
}

/** Loses the first datagrams that fit, as many as are named. */
export function loseFirst(count: number, fits: (passing: Passing) => boolean): SipRelayOptions['fate'] {
  let left = count;
  return (passing) => {
    if (left === 0 || !fits(passing)) return 'pass';
    left -= 1;
    return 'lose';
  };
}
