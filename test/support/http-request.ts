// HTTP as it is written: paths and headers go out untouched, one TCP connection each.

import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { connect, type Socket } from 'node:net';

export interface HttpRequestOptions {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string | Uint8Array;
  readonly localAddress?: string;
  /** 127.0.0.1 by default. */
  readonly host?: string;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  /** The body as text, and as JSON. */
  text(): string;
  json(): Record<string, unknown>;
}

export async function httpRequest(
  port: number,
  path: string,
  { body = '', ...options }: HttpRequestOptions = {},
): Promise<HttpResponse> {
  const sent = request({ host: '127.0.0.1', port, path, agent: false, ...options });
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const whole = Buffer.concat(await response.toArray());
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    body: whole,
    text: () => whole.toString(),
    json: () => JSON.parse(whole.toString()) as Record<string, unknown>,
  };
}

export async function openTcp(port: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, noDelay: true });
  await once(socket, 'connect');
  return socket;
}

/** Sends the text and answers with everything that comes until the server ends the connection. */
export async function exchangeTcp(port: number, text: string): Promise<string> {
  const socket = await openTcp(port);
  socket.write(text);
  return Buffer.concat((await socket.toArray()) as Buffer[]).toString('latin1');
}
