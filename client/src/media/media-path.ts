import type { types } from 'mediasoup-client';
import type { CreateTransportResponse, IceServer, ProduceResponse } from '../../../proto/gen/types.ts';
import type { TrackSource } from '../api.ts';
import { fullJitterMs } from '../backoff.ts';
import { ParleyError } from '../errors.ts';
import { Lifetime } from '../lifetime.ts';
import type { RoomCalls } from '../room-calls.ts';
import type { ClientTiming } from '../timing.ts';
import { during } from '../waiting.ts';
import { nextPathStep, type PathAction, type PathEvent, type PathState } from './path-state.ts';
import { fromDtlsParameters, fromRtpCapabilities, fromRtpParameters, toTransportOptions } from './rtp-shapes.ts';
import { SilenceWatch } from './silence-watch.ts';

export interface MediaPathOptions {
  readonly direction: 'send' | 'recv';
  readonly calls: RoomCalls;
  readonly timing: ClientTiming;
  /** The device for the room's router. @throws {ParleyError} MEDIA_UNSUPPORTED by rejection. */
  readonly device: () => Promise<types.Device>;
  /** What its connection is made with besides. */
  readonly settings?: () => Partial<RTCConfiguration> | undefined;
  /** With data channels. */
  readonly data?: boolean;
  /** There is a transport now: `current` is set. */
  onOpened(): void;
  /** The transport of `current` is gone, with all that it carried. */
  onDropped(): void;
  /** The same, but that it carries for a moment still; without this it is closed at once. */
  onKept?(): void;
  /** That moment is over. */
  onKeptEnded?(): void;
  onStateChanged(): void;
}

/** So long the node where the session was keeps what it has of this client. */
export const keptMs = 5_500;
/** For the others to receive what is sent anew, once the first of it is on its way. */
const handoverMs = 2_500;

/** A transport while it lives. */
export interface OpenPath {
  readonly transport: types.Transport;
  /** Ends when the transport is given up: whatever is awaited with it belongs to the past then. */
  readonly life: Lifetime;
  readonly watch: SilenceWatch;
}

/** What travels with a track while it is being produced. */
export interface ProduceNotes extends types.AppData {
  source: TrackSource;
  paused: boolean;
  encrypted: boolean;
  /** The producer of the same source that goes on for a moment; empty: there is none. */
  replaces: string;
  /** What moderators had done to the source before, as the server answers. */
  onAnswered(mute: Pick<ProduceResponse, 'muted' | 'locked'>): void;
}

/** The transport of one direction, kept alive: carries out what path-state.ts decides. */
export class MediaPath {
  readonly #options: MediaPathOptions;
  #state: PathState = { name: 'idle' };
  #current: OpenPath | undefined;
  /** Of the present attempt and of the transport that it led to. */
  #life = new Lifetime();
  #wasUp = false;
  /** When something was heard last on a path that is silent since; undefined: it is not, or nobody knows. */
  #silentSinceMs: number | undefined;
  #hasIceServers = false;
  /** Of the node where the session was before. */
  #kept: { readonly transport: types.Transport; readonly timer: ReturnType<typeof setTimeout> } | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: MediaPathOptions) {
    this.#options = options;
  }

  get current(): OpenPath | undefined {
    return this.#current;
  }

  get state(): PathState['name'] {
    return this.#state.name;
  }

  /** It was up once, or did not come up at the first try. */
  get isRecovering(): boolean {
    const state = this.#state;
    return this.#wasUp || 'restarts' in state || ('tries' in state && state.tries > 0);
  }

  /** What it carries comes by way of the node where the session was before, until this is up. */
  get isHandedOver(): boolean {
    return this.#kept !== undefined;
  }

  /** Makes a transport, where there is none. */
  need(): void {
    this.#dispatch('needed');
  }

  /** Everything on the server is gone: makes another transport, where there was one. */
  reset(): void {
    this.#dispatch('reset');
  }

  /** The session is at another node: makes a transport there, and lets the present one carry for that long. */
  move(): void {
    this.#dispatch('moved');
  }

  /** The server does not have this transport any more. Told of another one than the present, does nothing. */
  ended(transportId: string): void {
    if (this.#current?.transport.id === transportId) this.#dispatch('ended');
  }

  /** The platform has another network now. */
  networkChanged(): void {
    this.#dispatch('networkChanged');
  }

  close(): void {
    this.#dispatch('closed');
  }

  #dispatch(event: PathEvent): void {
    const before = this.#state;
    const { state, actions } = nextPathStep(before, event);
    this.#state = state;
    this.#wasUp ||= state.name === 'up';
    if (state !== before) {
      this.#watch(state, event);
      this.#setTimer(state);
    }
    for (const action of actions) this.#carryOut(action);
    if (state.name === 'closed') this.#endKept();
    else if (state.name === 'up' && before.name !== 'up') this.#keepFor(handoverMs);
    if (state !== before) this.#options.onStateChanged();
  }

  #watch(state: PathState, event: PathEvent): void {
    const watch = this.#current?.watch;
    if (event === 'silent' || event === 'disconnected') this.#silentSinceMs = watch?.lastHeardAtMs;
    if (state.name === 'up' || event === 'networkChanged') this.#silentSinceMs = undefined;
    if (state.name === 'up') watch?.listen();
    else if (state.name === 'restarted') watch?.await();
    else if (state.name !== 'shaky') watch?.stop();
  }

  #setTimer(state: PathState): void {
    clearTimeout(this.#timer);
    const delayMs = this.#timeOf(state);
    if (delayMs !== undefined) this.#timer = setTimeout(() => void this.#timeUp(state), delayMs);
  }

  async #timeUp(state: PathState): Promise<void> {
    // A process that was busy for so long may just not have looked.
    if (state.name === 'restarted') await this.#current?.watch.look();
    if (state === this.#state) this.#dispatch('timeUp');
  }

  #timeOf(state: PathState): number | undefined {
    const { retryBaseMs, retryCapMs, pathTimeoutMs, iceGraceMs } = this.#options.timing;
    switch (state.name) {
      case 'waiting':
        return fullJitterMs(state.tries, retryBaseMs, retryCapMs);
      case 'resting':
        return fullJitterMs(state.restarts, retryBaseMs, retryCapMs);
      case 'connecting':
        return pathTimeoutMs;
      case 'restarted':
        return state.wasUp ? this.#restartTimeMs() : pathTimeoutMs;
      case 'shaky':
        return iceGraceMs;
      default:
        return undefined;
    }
  }

  /** What is left of the time that a silent path has, or enough for one try. */
  #restartTimeMs(): number {
    const { rebuildAfterMs, restartTimeoutMs } = this.#options.timing;
    if (this.#silentSinceMs === undefined) return restartTimeoutMs;
    const leftMs = this.#silentSinceMs + rebuildAfterMs - performance.now();
    return leftMs > 0 ? Math.max(leftMs, restartTimeoutMs / 2) : restartTimeoutMs;
  }

  #carryOut(action: PathAction): void {
    if (action === 'open') void this.#open();
    else if (action === 'restartIce') void this.#restartIce();
    else if (action === 'abandon') this.#abandon();
    else if (action === 'keep') this.#keep();
    else this.#drop();
  }

  #abandon(): void {
    const transportId = this.#current?.transport.id;
    this.#drop();
    // An answer that does not come is no loss: the server finds out by itself.
    if (transportId !== undefined) this.#options.calls.call('media.closeTransport', { transportId }).catch(() => {});
  }

  #keep(): void {
    const { onKept } = this.#options;
    if (onKept === undefined) {
      this.#drop();
      return;
    }
    this.#endKept();
    this.#life.end();
    const kept = this.#current;
    this.#current = undefined;
    kept?.watch.stop();
    if (kept) this.#kept = { transport: kept.transport, timer: setTimeout(() => this.#endKept(), keptMs) };
    onKept();
  }

  /** No longer than it has already. */
  #keepFor(ms: number): void {
    if (this.#kept === undefined || this.#options.direction === 'recv') return;
    clearTimeout(this.#kept.timer);
    this.#kept = { ...this.#kept, timer: setTimeout(() => this.#endKept(), ms) };
  }

  #endKept(): void {
    const kept = this.#kept;
    if (kept === undefined) return;
    this.#kept = undefined;
    clearTimeout(kept.timer);
    kept.transport.close();
    this.#options.onKeptEnded?.();
    this.#options.onStateChanged();
  }

  #drop(): void {
    this.#life.end();
    const dropped = this.#current;
    this.#current = undefined;
    dropped?.watch.stop();
    dropped?.transport.close();
    if (dropped) this.#options.onDropped();
  }

  async #open(): Promise<void> {
    this.#life = new Lifetime();
    const life = this.#life;
    try {
      const device = await during(life, this.#options.device());
      await this.#options.calls.whenJoined(life);
      const created = await during(life, this.#askForTransport(device));
      this.#hasIceServers = created.iceServers.length > 0;
      const transport = this.#makeTransport(device, created, life);
      this.#current = { transport, life, watch: this.#createWatch(transport, life) };
      this.#dispatch('opened');
      this.#options.onOpened();
    } catch (error) {
      if (life.ended) return;
      this.#dispatch(isReason(error, 'MEDIA_UNSUPPORTED') ? 'unsupported' : 'openFailed');
    }
  }

  #askForTransport(device: types.Device): Promise<CreateTransportResponse> {
    const { direction, calls, data = false } = this.#options;
    const receiving = direction === 'recv' && { rtpCapabilities: fromRtpCapabilities(device.recvRtpCapabilities) };
    return calls.call('media.createTransport', { direction, data, ...receiving });
  }

  #makeTransport(device: types.Device, created: CreateTransportResponse, life: Lifetime): types.Transport {
    const { direction, calls } = this.#options;
    const options = { ...toTransportOptions(created), additionalSettings: this.#options.settings?.() ?? {} };
    const transport = direction === 'send' ? device.createSendTransport(options) : device.createRecvTransport(options);
    const transportId = transport.id;
    transport.on('connect', ({ dtlsParameters }, done, fail) => {
      const connected = calls.call('media.connectTransport', {
        transportId,
        dtlsParameters: fromDtlsParameters(dtlsParameters),
      });
      connected.then(done, (error: ParleyError) => {
        fail(error);
        // The server may have connected it or not, and takes the parameters once only: this transport is of no use.
        this.ended(transportId);
      });
    });
    transport.on('produce', ({ kind, rtpParameters, appData }, done, fail) => {
      const notes = appData as ProduceNotes;
      const produced = calls.call('media.produce', {
        transportId,
        kind,
        rtpParameters: fromRtpParameters(rtpParameters),
        source: notes.source,
        paused: notes.paused,
        encrypted: notes.encrypted,
        ...(notes.replaces !== '' && { replacesProducerId: notes.replaces }),
      });
      produced.then(({ producerId, ...mute }) => {
        notes.onAnswered(mute);
        done({ id: producerId });
      }, fail);
    });
    // The server is told of channels by `data.open`, once both are there.
    transport.on('producedata', ({ sctpStreamParameters }, done) => done({ id: `${sctpStreamParameters.streamId}` }));
    transport.on('connectionstatechange', (state) => {
      if (!life.ended && state !== 'new' && state !== 'closed') this.#dispatch(state);
    });
    return transport;
  }

  #createWatch(transport: types.Transport, life: Lifetime): SilenceWatch {
    const tell = (event: PathEvent) => {
      if (!life.ended) this.#dispatch(event);
    };
    return new SilenceWatch({
      getStats: () => transport.getStats(),
      onSilent: () => tell('silent'),
      onHeard: () => tell('heard'),
    });
  }

  /** Credentials last for a while, which a call may outlive, and a restart allocates relays anew. */
  async #askForIceServers(): Promise<IceServer[] | undefined> {
    if (!this.#hasIceServers) return undefined;
    try {
      return (await this.#options.calls.call('media.getIceServers', {})).iceServers;
    } catch {
      // Those that there are may still do.
      return undefined;
    }
  }

  async #restartIce(): Promise<void> {
    const open = this.#current;
    if (!open) return;
    const { transport, life, watch } = open;
    try {
      await this.#options.calls.whenJoined(life);
      const restart = this.#options.calls.call('media.restartIce', { transportId: transport.id });
      const [{ iceParameters }, iceServers] = await during(life, Promise.all([restart, this.#askForIceServers()]));
      if (iceServers) await during(life, transport.updateIceServers({ iceServers }));
      await during(life, watch.mark());
      await during(life, transport.restartIce({ iceParameters }));
      this.#dispatch('restarted');
      // The old path may have come back meanwhile, without another word; or it is silent, and that was not noticed yet.
      if (!watch.counts && transport.connectionState === 'connected') this.#dispatch('connected');
    } catch (error) {
      if (life.ended) return;
      this.#dispatch(isReason(error, 'TRANSPORT_NOT_FOUND') ? 'ended' : 'restartFailed');
    }
  }
}

function isReason(error: unknown, reason: string): boolean {
  return error instanceof ParleyError && error.reason === reason;
}
