// What the doctor asks a running server for, over HTTP as any client would.

import { randomBytes } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { IceCandidate, IceParameters } from '../../proto/gen/types.ts';
import type { ProbePlan } from '../http/probe.ts';

export interface ProbeServer {
  /** As in https://call.example.org, without a slash at its end. */
  readonly url: string;
  readonly token: string;
}

const timeoutMs = 5_000;

export class ProbeRefused extends Error {}

/** @throws {Error} that says why. */
export async function fetchHealth(url: string): Promise<void> {
  const response = await fetch(`${url}/health`, { signal: AbortSignal.timeout(timeoutMs) });
  if (!response.ok) throw new Error(`HTTP ${response.status}`);
}

/** Whether a WebSocket opens: proxies let plain HTTP pass and hold this up. @throws {Error} that says why not. */
export function tryWebSocket(url: string): Promise<void> {
  const request = url.startsWith('https:') ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const asked = request(`${url}/ws`, {
      signal: AbortSignal.timeout(timeoutMs),
      headers: {
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-version': '13',
        'sec-websocket-key': randomBytes(16).toString('base64'),
        'sec-websocket-protocol': 'parley.v1.json',
      },
    });
    asked.once('upgrade', (_, socket) => {
      socket.destroy();
      resolve();
    });
    asked.once('response', ({ statusCode }) => reject(new Error(`HTTP ${statusCode} instead of 101`)));
    asked.once('error', reject);
    asked.end();
  });
}

/** Of a server for development. @throws {Error} that says why there is none. */
export async function fetchGuestToken(url: string): Promise<string> {
  const response = await fetch(`${url}/api/v1/tokens`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'parley doctor', room: 'parley-doctor' }),
    signal: AbortSignal.timeout(timeoutMs),
  });
  if (!response.ok) throw new Error('the server that runs gives out no guest tokens');
  return ((await response.json()) as { token: string }).token;
}

/** @throws {ProbeRefused} with the server's reason, or an Error of the network. */
export function fetchPlan(server: ProbeServer): Promise<ProbePlan> {
  return call<ProbePlan>(server, { method: 'GET' });
}

export interface OpenedProbe {
  readonly iceParameters: IceParameters;
  readonly candidates: readonly IceCandidate[];
}

/** An end that answers ICE checks for 15 s. @throws {ProbeRefused} */
export function openProbe(server: ProbeServer, via: 'udp' | 'tcp', place: number, ufrag: string): Promise<OpenedProbe> {
  const body = JSON.stringify({ via, place, offer: writeOffer(ufrag) });
  return call<OpenedProbe>(server, { method: 'POST', body });
}

async function call<Answer>({ url, token }: ProbeServer, init: RequestInit): Promise<Answer> {
  const response = await fetch(`${url}/api/v1/probe`, {
    ...init,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    signal: AbortSignal.timeout(timeoutMs),
  });
  const answer = (await response.json().catch(() => undefined)) as { error?: { message?: string } } | undefined;
  if (!response.ok) throw new ProbeRefused(answer?.error?.message ?? `HTTP ${response.status}`);
  return answer as Answer;
}

/** Of an end that will check the way and go no further: nobody sees its certificate. */
function writeOffer(ufrag: string): string {
  const fingerprint = [...randomBytes(32)].map((byte) => byte.toString(16).toUpperCase().padStart(2, '0')).join(':');
  const lines = [
    'v=0',
    'o=- 1 1 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    'a=group:BUNDLE 0',
    'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
    'c=IN IP4 0.0.0.0',
    `a=ice-ufrag:${ufrag}`,
    `a=ice-pwd:${randomBytes(16).toString('hex')}`,
    `a=fingerprint:sha-256 ${fingerprint}`,
    'a=setup:active',
    'a=mid:0',
    'a=sctp-port:5000',
  ];
  return `${lines.join('\r\n')}\r\n`;
}
