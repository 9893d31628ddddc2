// The calls of Janus' own protocol over one WebSocket: https://janus.conf.meetecho.com/docs/rest

import { once } from 'node:events';
import { WebSocket } from 'ws';

interface Message {
  readonly janus: string;
  readonly transaction?: string;
  readonly data?: { readonly id: number };
  readonly error?: { readonly reason: string };
  readonly plugindata?: { readonly data: PluginData };
  readonly jsep?: { readonly type: string; readonly sdp: string };
}

interface PluginData {
  readonly id?: number;
  readonly error?: string;
}

export interface JanusAnswer {
  readonly data: PluginData;
  readonly sdp: string | undefined;
}

export interface JanusClient {
  /** A handle of the VideoRoom plugin: one for each PeerConnection. */
  attach(): Promise<number>;
  /** @throws {Error} with what Janus says is wrong. */
  ask(
    handle: number,
    body: object,
    jsep?: { readonly type: 'offer' | 'answer'; readonly sdp: string },
  ): Promise<JanusAnswer>;
  close(): void;
}

/** A session ends when nothing is said in it for a minute. */
const keepAliveMs = 20_000;

export async function openJanusClient(url: string): Promise<JanusClient> {
  const socket = new WebSocket(url, 'janus-protocol');
  const waiting = new Map<string, (message: Message) => void>();
  let last = 0;
  let session: number | undefined;
  socket.on('message', (data: Buffer) => {
    const message = JSON.parse(data.toString()) as Message;
    // An `ack` is followed by what was asked for.
    if (message.janus === 'ack' || message.transaction === undefined) return;
    waiting.get(message.transaction)?.(message);
    waiting.delete(message.transaction);
  });
  await once(socket, 'open');
  const call = async (janus: string, more: object = {}): Promise<Message> => {
    const transaction = String(++last);
    const answered = new Promise<Message>((resolve) => waiting.set(transaction, resolve));
    socket.send(
      JSON.stringify({ janus, transaction, ...(session === undefined ? {} : { session_id: session }), ...more }),
    );
    const answer = await answered;
    const problem = answer.error?.reason ?? answer.plugindata?.data.error;
    if (problem !== undefined) throw new Error(`Janus refuses ${janus}: ${problem}`);
    return answer;
  };
  session = (await call('create')).data?.id;
  const timer = setInterval(
    () => socket.send(JSON.stringify({ janus: 'keepalive', session_id: session, transaction: 'k' })),
    keepAliveMs,
  );
  return {
    async attach() {
      const { data } = await call('attach', { plugin: 'janus.plugin.videoroom' });
      if (data === undefined) throw new Error('Janus gave no handle.');
      return data.id;
    },
    async ask(handle, body, jsep) {
      const { plugindata, jsep: answered } = await call('message', { handle_id: handle, body, ...(jsep && { jsep }) });
      return { data: plugindata?.data ?? {}, sdp: answered?.sdp };
    },
    close() {
      clearInterval(timer);
      socket.close();
    },
  };
}
