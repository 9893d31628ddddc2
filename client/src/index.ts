// The SDK: rooms, chat and calls with a Parley server.

import { Addresses } from './addresses.ts';
import type { Client, ClientEvents, ClientOptions } from './api.ts';
import { requireText, requireWhole } from './arguments.ts';
import { ClientCalls, isCallEvent } from './calls/client-calls.ts';
import { Outbox } from './chat/outbox.ts';
import { platformOutboxStore } from './chat/platform-outbox-store.ts';
import { jsonCodec } from './codec/json.ts';
import { Emitter } from './emitter.ts';
import { sdkError } from './errors.ts';
import { DeviceStore } from './media/device-store.ts';
import { watchNetwork } from './network-hints.ts';
import { Rooms } from './rooms.ts';
import { Session } from './session.ts';
import { StoreState } from './store-state.ts';
import { defaultTiming } from './timing.ts';
import { withTimeout } from './waiting.ts';
import { toWebSocketUrl, type WebSocketClass } from './web-socket.ts';

export type {
  Client,
  ClientEvents,
  ClientOptions,
  ConnectionState,
  DirectInfo,
  JoinOptions,
  LeftReason,
  LocalTrack,
  LogRecord,
  MediaMode,
  MediaState,
  PeerInfo,
  PeerQuality,
  PhoneInfo,
  ProducerInfo,
  PublishOptions,
  RecordingInfo,
  RemoteTrack,
  Restriction,
  Room,
  RoomEvents,
  RoomSettings,
  RtpEncodingParameters,
  ServerStore,
  TrackQuality,
  TrackSource,
  Unsubscribe,
  VideoCodec,
} from './api.ts';
export type {
  Call,
  CallEndReason,
  CallEvents,
  CallInfo,
  CallLeg,
  CallMicrophone,
  CallState,
  CallSummary,
  Calls,
  CallsEvents,
  CallTarget,
  EnterCallOptions,
  StartCallOptions,
} from './calls/calls-api.ts';
export type {
  Cursor,
  LogHead,
  Marker,
  OutgoingMessage,
  OutgoingState,
  Receipt,
  RoomChat,
  RoomChatEvents,
  SendOptions,
  Unread,
} from './chat/chat-api.ts';
export { createMemoryOutboxStore } from './chat/memory-outbox-store.ts';
export type { OutboxEntry, OutboxStore } from './chat/outbox-store.ts';
export type { Codec } from './codec/codec.ts';
export type { DataOptions, RoomData, RoomDataEvents } from './data/data-api.ts';
export type { DecryptionProblem, E2eeCounts, E2eeOptions, PeerDecryption, RoomE2ee } from './e2ee/e2ee-api.ts';
export { ParleyError, type SdkReason, sdkReasons } from './errors.ts';
export { observeView } from './media/observe-view.ts';
export { type ClientTiming, defaultTiming } from './timing.ts';
export type { WebSocketClass } from './web-socket.ts';

/** What `close` waits for the server to hear of the leaving. */
const goodbyeMs = 1_000;

/** A client that is not connected yet. @throws {TypeError} when a URL is none, or the platform has no WebSocket. */
export function createClient(options: ClientOptions): Client {
  const timing = { ...defaultTiming, ...options.timing };
  const emitter = new Emitter<ClientEvents>();
  const addresses = toAddresses(options);
  const outbox = new Outbox({
    store: options.outbox ?? platformOutboxStore(),
    server: addresses.key,
    timing,
    onFailed: (error) => emitter.emit('outboxFailed', error),
  });
  const session = new Session({
    addresses,
    token: options.token,
    codec: options.codec ?? jsonCodec,
    webSocket: options.webSocket ?? platformWebSocket(),
    timing,
    name: options.name ?? '@parley/client',
    version: options.version ?? '',
    rooms: () => rooms.standing(),
    onConnected(response) {
      outbox.connected(response.identity);
      rooms.connected(response);
      calls.connected();
      store.is(response.store ?? 'up');
    },
    onMoved(response) {
      outbox.connected(response.identity);
      rooms.moved(response);
      calls.connected();
      store.is(response.store ?? 'up');
    },
    onDisconnected: () => rooms.disconnected(),
    onEvent(event) {
      if (event.name === 'directOpened') emitter.emit('directOpened', event.payload);
      else if (event.name === 'mentioned') emitter.emit('mentioned', event.payload);
      else if (event.name === 'storeChanged') store.is(event.payload.state);
      else if (isCallEvent(event)) calls.receive(event);
      else rooms.receive(event);
    },
    onStateChanged(state, error, retryInMs) {
      if (state === 'closed') stopWatching();
      if (state === 'closed') void outbox.close();
      if (state === 'closed' && error) rooms.sessionEnded(error);
      emitter.emit('stateChanged', { state, error, retryInMs });
    },
  });
  const store = new StoreState((state) => {
    if (state === 'up') outbox.storeIsBack();
    emitter.emit('storeChanged', state);
  });
  const rooms = new Rooms({
    session,
    timing,
    devices: new DeviceStore(options.device),
    autoSubscribe: options.autoSubscribe ?? true,
    e2ee: options.e2ee,
    direct: options.direct,
    outbox,
    identity: () => session.identity,
  });
  const calls = new ClientCalls({ session, rooms, identity: () => session.identity });
  const stopWatching = watchNetwork({
    onChanged: () => session.hint(),
    onMoved: () => rooms.networkChanged(),
    // Without a word the others would see a ghost until the session's grace is over.
    onLeaving: () => void rooms.leaveAll(),
  });
  return {
    get state() {
      return session.state;
    },
    get identity() {
      return session.identity;
    },
    get store() {
      return store.state;
    },
    calls,
    on: (name, listener) => emitter.on(name, listener),
    connect: () => session.connect(),
    join: (room, roomOptions) => rooms.join(room, roomOptions),
    async openDirect(identity) {
      requireText('identity', identity);
      const { room } = await session.call('chat.openDirect', { identity });
      return room;
    },
    async listDirects(limit = 0) {
      requireWhole('limit', limit);
      const { directs } = await session.call('chat.listDirects', { limit });
      return directs;
    },
    async ping() {
      const startedMs = performance.now();
      await session.call('session.ping', {});
      return performance.now() - startedMs;
    },
    async close() {
      const goodbye = calls.endAll().then(() => rooms.leaveAll());
      await withTimeout(goodbye, goodbyeMs, () => sdkError('CALL_TIMEOUT')).catch(() => {});
      session.close();
      await outbox.close();
    },
  };
}

function toAddresses({ url, urls }: ClientOptions): Addresses {
  if (url !== undefined && urls !== undefined) throw new TypeError('give either `url` or `urls`');
  return new Addresses(urls ? urls.map(toWebSocketUrl) : [toWebSocketUrl(url)]);
}

function platformWebSocket(): WebSocketClass {
  const { WebSocket } = globalThis as { WebSocket?: WebSocketClass };
  if (!WebSocket) throw new TypeError('this platform has no WebSocket: give the one of `ws` as `webSocket`');
  return WebSocket;
}
