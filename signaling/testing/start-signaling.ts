// Signaling with the in-memory engines of its ports, and clients that speak to it as the gateway does.

import { createMemoryRoomLog } from '../../cluster/memory/memory-room-log.ts';
import type { RoomLog } from '../../cluster/room-log.ts';
import { type AppError, toAppError } from '../../core/errors.ts';
import { FakeClock } from '../../core/fake-clock.ts';
import type { Recorder } from '../../media/recorder.ts';
import type { MethodName, Methods, Receipt } from '../../proto/gen/types.ts';
import { type CallOptions, defaultCallOptions } from '../calls/call-limits.ts';
import type { ClusterParts } from '../cluster/cluster-context.ts';
import { createSignaling, type Signaling } from '../create-signaling.ts';
import type { CallObserver } from '../dispatch.ts';
import type { ClientEndpoint, PlainChatEndpoint, PlainChatHistory } from '../endpoints.ts';
import type { SignalingOptions } from '../signaling-options.ts';
import { ManualTurns } from './manual-turns.ts';
import { MemoryMedia } from './memory-media.ts';
import { MemoryTelephony } from './memory-telephony.ts';
import { type IssuedClaims, MemoryVerifier } from './memory-verifier.ts';
import { RecordingLink } from './recording-link.ts';
import { RecordingLog } from './recording-log.ts';

type Wished = { readonly [Section in 'rooms' | 'sessions' | 'chat']?: Partial<SignalingOptions[Section]> } & {
  readonly roomLog?: RoomLog;
  readonly recorder?: Recorder;
  readonly calls?: Partial<CallOptions>;
  /** With others, which have the same clock and turns. */
  readonly among?: { readonly cluster: ClusterParts; readonly clock: FakeClock; readonly turns: ManualTurns };
};

export interface TestSignaling {
  readonly signaling: Signaling;
  readonly clock: FakeClock;
  readonly turns: ManualTurns;
  readonly media: MemoryMedia;
  readonly verifier: MemoryVerifier;
  readonly telephony: MemoryTelephony;
  readonly log: RecordingLog;
  readonly options: SignalingOptions;
  readonly roomLog: RoomLog;
  /** Timers of a server that nobody is connected to and that has no rooms. */
  readonly idleTimers: number;
  /** A connection on which nothing was called yet. */
  open(upgradeToken?: string): TestClient;
  /** A connection with a session. */
  connect(claims: IssuedClaims | string): Promise<TestClient>;
  /** A connection with a session that has joined. */
  join(claims: IssuedClaims | string, room?: string): Promise<TestClient>;
  openPlainChat(query: PlainChatOpening): Promise<TestPlainClient>;
}

export const defaultRoom = 'standup';
/** Turns that an answer may take. */
const maxTurns = 10;

export function startSignaling(wished: Wished = {}, observeCall?: CallObserver): TestSignaling {
  const { clock, turns } = wished.among ?? { clock: new FakeClock(), turns: new ManualTurns() };
  const media = new MemoryMedia();
  const verifier = new MemoryVerifier(clock);
  const telephony = new MemoryTelephony();
  const log = new RecordingLog();
  const roomLog = wished.roomLog ?? createMemoryRoomLog({ clock });
  const options: SignalingOptions = {
    rooms: {
      maxRooms: 10,
      maxPeers: 1000,
      maxPeersPerIdentity: 5,
      idleTimeoutMs: 60_000,
      maxRemovedIdentities: 10,
      direct: 'never',
      e2ee: 'anybody',
      ...wished.rooms,
    },
    sessions: {
      maxPerIdentity: 5,
      maxRooms: 5,
      resumeGraceMs: 30_000,
      tokenWarningMs: 60_000,
      connectTimeoutMs: 10_000,
      callTimeoutMs: 8_000,
      pingIntervalMs: 25_000,
      ...wished.sessions,
    },
    chat: {
      allowGuests: true,
      // So that events are those of the test alone.
      attendance: false,
      presenceGraceMs: 5_000,
      callEndGraceMs: 10_000,
      retentionMs: 0,
      retentionRecords: 0,
      coalesceMs: 10,
      ...wished.chat,
    },
    calls: { ...defaultCallOptions, ...wished.calls },
    maxFrameBytes: 65_536,
    serverVersion: '0.0.0-test',
  };
  const signaling = createSignaling({
    media,
    verifier,
    roomLog,
    telephony,
    recorder: wished.recorder,
    cluster: wished.among?.cluster,
    options,
    clock,
    log,
    defer: turns.defer,
    ...(observeCall && { observeCall }),
  });

  const needsTurns = wished.among ? /./ : /^(call|chat|log|moderation)\./;
  const idleTimers = clock.pendingTimers;
  const open = (upgradeToken?: string) => {
    const link = new RecordingLink();
    const client = new TestClient(link, signaling.accept(link, upgradeToken), turns, needsTurns);
    link.onGone = () => client.endpoint.closed();
    return client;
  };
  const connect = async (claims: IssuedClaims | string) => {
    const client = open();
    await client.connect(typeof claims === 'string' ? claims : verifier.issue(claims));
    await turns.end();
    return client;
  };
  const join = async (claims: IssuedClaims | string, room: string = defaultRoom) => {
    const client = await connect(claims);
    await client.call('room.join', { room });
    await turns.end();
    return client;
  };
  const openPlainChat: TestSignaling['openPlainChat'] = async ({ room = defaultRoom, user, token, address }) => {
    const link = new RecordingLink(address);
    const endpoint = await signaling.acceptPlainChat(link, { room, user, token });
    link.onGone = () => endpoint.closed();
    await turns.end();
    const send: TestPlainClient['send'] = (frame) => {
      const answer = endpoint.receive(frame);
      // Whoever waits for it is told of its failure.
      answer.catch(() => {});
      return turns.end().then(() => answer);
    };
    const history: TestPlainClient['history'] = async (limit, beforeSeq) => {
      const answer = await send({ type: 'history', limit, ...(beforeSeq !== undefined && { beforeSeq }) });
      if (answer === undefined || !('messages' in answer)) throw new Error('the answer is no history');
      return answer;
    };
    return { link, endpoint, send, history };
  };
  const engines = { clock, turns, media, verifier, telephony, log, roomLog };
  return { signaling, ...engines, options, idleTimers, open, connect, join, openPlainChat };
}

interface PlainChatOpening {
  readonly room?: string;
  readonly user?: string;
  readonly token?: string;
  readonly address?: string;
}

export interface TestPlainClient {
  readonly link: RecordingLink;
  readonly endpoint: PlainChatEndpoint;
  /** @throws {AppError} by rejection. */
  send(frame: unknown): ReturnType<PlainChatEndpoint['receive']>;
  history(limit: number, beforeSeq?: number): Promise<PlainChatHistory>;
}

export class TestClient {
  readonly link: RecordingLink;
  readonly endpoint: ClientEndpoint;
  /** The answer of session.connect. */
  session: Methods['session.connect']['response'] | undefined;

  readonly #turns: ManualTurns;
  readonly #needsTurns: RegExp;
  #said = 0;

  /** `needsTurns`: the methods whose answers come in later turns. */
  constructor(link: RecordingLink, endpoint: ClientEndpoint, turns: ManualTurns, needsTurns: RegExp) {
    this.#needsTurns = needsTurns;
    this.link = link;
    this.endpoint = endpoint;
    this.#turns = turns;
  }

  async call<Name extends MethodName>(method: Name, params: Methods[Name]['init']): Promise<Methods[Name]['response']> {
    return (await this.#answerTo(method, params)) as Methods[Name]['response'];
  }

  /** Sends a message and answers with its receipt. */
  async say(text: string, more: Partial<Methods['chat.send']['init']> = {}): Promise<Receipt> {
    this.#said += 1;
    return await this.call('chat.send', { room: defaultRoom, clientId: `say-${this.#said}`, text, ...more });
  }

  /** What a call that is refused is refused with. */
  async refusal(method: string, params: unknown): Promise<AppError> {
    try {
      await this.#answerTo(method, params);
    } catch (thrown) {
      return toAppError(thrown);
    }
    throw new Error(`${method} was expected to fail`);
  }

  /** What goes to a log goes there at the end of the turn, which is ended for it. */
  async #answerTo(method: string, params: unknown): Promise<object> {
    const answer = this.endpoint.call(method, params);
    if (!(answer instanceof Promise) || !this.#needsTurns.test(method)) return answer;
    const settled = answer.then(
      () => {},
      () => {},
    );
    for (let turns = 0, open = true; open && turns < maxTurns; turns++) {
      await Promise.race([settled.then(() => (open = false)), this.#turns.end()]);
    }
    return await answer;
  }

  async connect(token: string, resumed?: TestClient): Promise<Methods['session.connect']['response']> {
    const { session } = resumed ?? {};
    const rooms = session?.rooms.map(({ room, peerId }) => ({ room, peerId }));
    const resume = session && { sessionId: session.sessionId, secret: session.resumeSecret, rooms };
    this.session = await this.call('session.connect', { token, ...(resume && { resume }) });
    return this.session;
  }
}
