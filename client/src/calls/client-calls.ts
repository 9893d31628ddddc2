import type { CallInfo } from '../../../proto/gen/types.ts';
import type { Unsubscribe } from '../api.ts';
import { requireText, requireWholeIfGiven } from '../arguments.ts';
import { createClientId } from '../chat/client-id.ts';
import type { ServerEvent } from '../codec/codec.ts';
import { Emitter } from '../emitter.ts';
import type { Session } from '../session.ts';
import { toTarget, toTargets } from './call-targets.ts';
import type { Call, CallEndReason, CallState, Calls, CallsEvents, StartCallOptions } from './calls-api.ts';
import { type CallRooms, openMicrophone, RunningCall } from './running-call.ts';

interface ClientCallsParts {
  readonly session: Pick<Session, 'call' | 'state'>;
  readonly rooms: CallRooms;
  readonly identity: () => string | undefined;
}

type CallEvent = Extract<ServerEvent, { readonly name: 'callIncoming' | 'callChanged' | 'callEnded' }>;

export function isCallEvent(event: ServerEvent): event is CallEvent {
  return event.name === 'callIncoming' || event.name === 'callChanged' || event.name === 'callEnded';
}

/** More at once are not started by a person. */
const maxEarly = 16;

/** Of the newest calls, where one is looked for that ended while the connection was lost. */
const lookedAt = 20;

/** The calls of a client, at most as many as the server allows a user. */
export class ClientCalls implements Calls {
  readonly #parts: ClientCallsParts;
  readonly #emitter = new Emitter<CallsEvents>();
  readonly #calls = new Map<string, RunningCall>();
  /** The newest of calls that are not known here, as one that is being started: its answer may be behind what happens to it. */
  readonly #early = new Map<string, { readonly info: CallInfo; readonly endReason: CallEndReason | undefined }>();
  /** The application has to do with calls: those that do not are spared the question after each connection. */
  #isFollowed = false;

  constructor(parts: ClientCallsParts) {
    this.#parts = parts;
  }

  get current(): ReadonlyMap<string, Call> {
    return this.#calls;
  }

  on<Name extends keyof CallsEvents>(name: Name, listener: (event: CallsEvents[Name]) => void): Unsubscribe {
    this.#follow();
    return this.#emitter.on(name, listener);
  }

  async start({ to, microphone, firstRing, ...options }: StartCallOptions): Promise<Call> {
    const { room, ringMs, subject, video } = options;
    const targets = toTargets(to);
    if (room !== undefined) requireText('room', room);
    requireWholeIfGiven('ringMs', ringMs);
    this.#follow();
    const withoutOwnLeg = firstRing !== undefined;
    const track = withoutOwnLeg ? undefined : await openMicrophone(microphone);
    const call = await this.#parts.session.call(
      'call.start',
      {
        to: targets,
        room,
        ringMs,
        subject,
        video,
        clientId: createClientId(),
        ...(firstRing && { firstRing: firstRing === 'own-phones' ? {} : toTarget(firstRing) }),
      },
      {
        apply: (info) => this.#started(info, withoutOwnLeg),
      },
    );
    if (withoutOwnLeg || call.state === 'ended') return call;
    await call.enter(track).catch((error: unknown) => {
      // Whoever was called was faster than the way into the room.
      if ((call.state as CallState) !== 'ended' || call.endReason === '') throw error;
    });
    return call;
  }

  async list({ pageToken = '', pageSize }: { pageToken?: string; pageSize?: number } = {}) {
    requireWholeIfGiven('pageSize', pageSize);
    return this.#parts.session.call('call.list', { pageToken, pageSize });
  }

  receive(event: CallEvent): void {
    const { call: info } = event.payload;
    if (event.name === 'callIncoming') this.#incoming(info, event.payload);
    else if (event.name === 'callChanged') {
      if (!this.#changed(info)) this.#remember(info, undefined);
    } else {
      const reason = event.payload.reason as CallEndReason;
      const known = this.#calls.get(info.callId);
      if (known) known.ended(info, reason);
      else this.#remember(info, reason);
    }
  }

  /** There is a connection, with the session of before or another one: what was missed is asked for. */
  connected(): void {
    if (this.#isFollowed) void this.#ask();
  }

  /** Hangs up what was taken or started here. */
  async endAll(): Promise<void> {
    const own = [...this.#calls.values()].filter((call) => call.room !== undefined);
    await Promise.all(own.map((call) => call.end().catch(() => {})));
  }

  #follow(): void {
    if (this.#isFollowed) return;
    this.#isFollowed = true;
    if (this.#parts.session.state === 'connected') void this.#ask();
  }

  async #ask(): Promise<void> {
    // One that begins while the answer is on its way may not be in it.
    const before = [...this.#calls.values()];
    const gone = await this.#parts.session
      .call(
        'call.current',
        {},
        {
          apply: ({ calls }) => {
            const there = new Set(calls.map(({ callId }) => callId));
            for (const info of calls) this.#found(info);
            return before.filter(({ callId }) => !there.has(callId));
          },
        },
      )
      // Lost again: it is asked for after the next connection. A server without calls has none.
      .catch(() => []);
    if (gone.length > 0) await this.#endGone(gone);
  }

  #started(info: CallInfo, withoutOwnLeg: boolean): RunningCall {
    const call = this.#add(info, { ownLegId: withoutOwnLeg ? undefined : info.legs[0]?.legId, withoutOwnLeg });
    const early = this.#early.get(info.callId);
    this.#early.delete(info.callId);
    // Nobody could be rung, and that was known at once.
    if (info.state === 'ended') call.ended(info, info.endReason as CallEndReason);
    else if (early?.endReason !== undefined) call.ended(early.info, early.endReason);
    else if (early) call.updated(early.info);
    return call;
  }

  #remember(info: CallInfo, endReason: CallEndReason | undefined): void {
    this.#early.delete(info.callId);
    this.#early.set(info.callId, { info, endReason });
    const [oldest] = this.#early.keys();
    if (this.#early.size > maxEarly && oldest !== undefined) this.#early.delete(oldest);
  }

  /** Answers whether it is one that is known here. */
  #changed(info: CallInfo): boolean {
    const known = this.#calls.get(info.callId);
    known?.updated(info);
    return known !== undefined || this.#isMoved(info);
  }

  /** A leg of this client stands in another call now. */
  #isMoved(info: CallInfo): boolean {
    const legs = new Set(info.legs.map(({ legId }) => legId));
    const moved = [...this.#calls.values()].find(({ ownLeg }) => ownLeg !== undefined && legs.has(ownLeg.legId));
    if (!moved) return false;
    this.#calls.delete(moved.callId);
    this.#calls.set(info.callId, moved);
    moved.movedTo(info);
    return true;
  }

  #found(info: CallInfo): void {
    if (this.#changed(info)) return;
    const own = info.legs.find((leg) => leg.kind === 'user' && leg.identity === this.#parts.identity());
    if (own?.state === 'calling' || own?.state === 'ringing') this.#incoming(info, { legId: own.legId });
    else if (own?.state === 'accepted') this.#emitter.emit('found', this.#add(info, { ownLegId: own.legId }));
  }

  /** They ended while nothing could be told. */
  async #endGone(gone: readonly RunningCall[]): Promise<void> {
    const { calls } = await this.list({ pageSize: lookedAt }).catch(() => ({ calls: [] }));
    for (const call of gone) {
      const summary = calls.find(({ callId }) => callId === call.callId);
      call.ended({ ...call.info, state: 'ended' }, (summary?.endReason || 'lost') as CallEndReason);
    }
  }

  #incoming(info: CallInfo, { legId, ringsUntilMs }: { legId: string; ringsUntilMs?: number }): void {
    const known = this.#calls.get(info.callId);
    if (known) known.updated(info);
    else this.#emitter.emit('incoming', this.#add(info, { ownLegId: legId, ringsUntilMs }));
  }

  #add(
    info: CallInfo,
    about: { ownLegId: string | undefined; withoutOwnLeg?: boolean; ringsUntilMs?: number | undefined },
  ): RunningCall {
    const known = this.#calls.get(info.callId);
    if (known) return known;
    const call = new RunningCall({
      ...this.#parts,
      ringsUntilMs: undefined,
      ...about,
      info,
      onChanged: (changed) => this.#emitter.emit('changed', changed),
      onEnded: (ended, reason) => {
        this.#calls.delete(ended.callId);
        this.#emitter.emit('ended', { call: ended, reason });
      },
    });
    this.#calls.set(info.callId, call);
    return call;
  }
}
