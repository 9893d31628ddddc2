// rtpengine in user space, as the yardstick of transcoding, spoken to by its NG protocol: bencode over UDP, each message behind
// a cookie. https://rtpengine.readthedocs.io/en/latest/ng_control_protocol.html

import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { findFreePort } from '../../test/support/free-port.ts';
import { requirePath } from '../../test/support/require.ts';
import { host } from './formats.ts';

export interface Rtpengine extends AsyncDisposable {
  readonly pid: number;
  /** @throws {Error} with its reason, or when it does not answer. */
  ask(message: NgMessage): Promise<{ readonly sdp: string }>;
}

type NgValue = string | readonly NgValue[] | NgMessage;
export interface NgMessage {
  readonly [key: string]: NgValue;
}

const media = { min: 30_000, max: 31_999 };
const answerWithinMs = 1_000;
const startTries = 20;

/** Undefined where it is not installed. */
export async function startRtpengine(): Promise<Rtpengine | undefined> {
  const path = findRtpengine();
  if (path === undefined) return undefined;
  const port = await findFreePort();
  const child = spawn(
    path,
    [
      '--table=-1',
      '--foreground',
      '--log-stderr',
      '--log-level=3',
      `--interface=${host}`,
      `--listen-ng=${host}:${port}`,
      `--port-min=${media.min}`,
      `--port-max=${media.max}`,
    ],
    { stdio: 'ignore' },
  );
  const exited = once(child, 'exit');
  const socket = createSocket('udp4');
  socket.bind(0, host);
  await once(socket, 'listening');
  let cookies = 0;
  const waiting = new Map<string, (answer: string) => void>();
  socket.on('message', (bytes) => {
    const text = bytes.toString('latin1');
    const cookie = text.slice(0, text.indexOf(' '));
    waiting.get(cookie)?.(text.slice(cookie.length + 1));
    waiting.delete(cookie);
  });
  const ask = async (message: NgMessage) => {
    cookies += 1;
    const cookie = `c${cookies}`;
    const answered = new Promise<string>((resolve) => waiting.set(cookie, resolve));
    socket.send(`${cookie} ${bencode(message)}`, port, host);
    const answer = await Promise.race([answered, sleep(answerWithinMs, '')]);
    waiting.delete(cookie);
    const result = stringIn(answer, 'result');
    if (result !== 'ok' && result !== 'pong') {
      throw new Error(`rtpengine: ${stringIn(answer, 'error-reason') ?? 'no answer'}`);
    }
    return { sdp: stringIn(answer, 'sdp') ?? '' };
  };
  for (let tries = 1; ; tries++) {
    try {
      await ask({ command: 'ping' });
      break;
    } catch (error) {
      if (tries === startTries || child.exitCode !== null) throw error;
      await sleep(100);
    }
  }
  return {
    pid: child.pid ?? 0,
    ask,
    async [Symbol.asyncDispose]() {
      socket.close();
      child.kill('SIGKILL');
      await exited;
    },
  };
}

function findRtpengine(): string | undefined {
  try {
    return requirePath('rtpengine');
  } catch {
    return undefined;
  }
}

/** What is sent here is ASCII, so characters are bytes. Keys of a dictionary stand in order. */
export function bencode(value: NgValue): string {
  if (typeof value === 'string') return `${value.length}:${value}`;
  if (isList(value)) return `l${value.map(bencode).join('')}e`;
  const entries = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  return `d${entries.map(([key, item]) => bencode(key) + bencode(item)).join('')}e`;
}

function isList(value: NgValue): value is readonly NgValue[] {
  return Array.isArray(value);
}

/** The string of a key in a dictionary of strings. */
export function stringIn(dictionary: string, key: string): string | undefined {
  for (let at = 1; at < dictionary.length && dictionary[at] !== 'e'; ) {
    const name = readString(dictionary, at);
    if (!name) return undefined;
    const value = readString(dictionary, name.end);
    if (!value) return undefined;
    if (name.text === key) return value.text;
    at = value.end;
  }
  return undefined;
}

function readString(text: string, at: number): { readonly text: string; readonly end: number } | undefined {
  const colon = text.indexOf(':', at);
  const length = Number(text.slice(at, colon));
  if (colon < 0 || !Number.isInteger(length)) return undefined;
  return { text: text.slice(colon + 1, colon + 1 + length), end: colon + 1 + length };
}
