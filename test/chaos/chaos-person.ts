// Somebody in several rooms of a cluster by the SDK, as an application has it, who writes down all that it is told.

import { WebSocket } from 'ws';
import { type Client, createClient, type Room } from '../../client/src/index.ts';
import { createToneTrack, type TestTrack } from '../../client/test/tracks.ts';
import { createWrtcDevice } from '../../client/test/wrtc-device.ts';
import type { Cursor, LogRecord } from '../../proto/gen/types.ts';
import { type Acknowledged, Reader } from './ledger.ts';

export interface PersonOptions {
  readonly identity: string;
  /** In the order in which they are tried. */
  readonly urls: readonly string[];
  readonly token: () => string;
  readonly rooms: readonly string[];
  /** A room in which to speak, one of `rooms`. */
  readonly speaksIn?: string | undefined;
}

interface Sent {
  readonly room: string;
  readonly clientId: string;
  readonly sentMs: number;
}

export class ChaosPerson implements AsyncDisposable {
  readonly identity: string;
  readonly client: Client;
  readonly rooms: ReadonlyMap<string, Room>;
  readonly readers: readonly Reader[];
  readonly speaksIn: string | undefined;
  readonly acknowledged: Acknowledged[] = [];
  /** Those that nobody has answered yet, the oldest first. */
  readonly waiting = new Map<string, Sent>();
  /** What must never happen, in words. */
  readonly complaints: string[] = [];
  /** Who was told to have left, by identity and peer id. */
  readonly departures: string[] = [];
  /** When a message was told here first, by its author's id of it. */
  readonly toldMs = new Map<string, number>();
  readonly #tone: TestTrack | undefined;
  readonly #written = new Map<string, number>();
  #isEnding = false;

  /** Resolves when it is in all rooms, and speaks. */
  static async start(options: PersonOptions): Promise<ChaosPerson> {
    const client = createClient({
      urls: options.urls,
      token: options.token,
      webSocket: WebSocket,
      device: createWrtcDevice,
      autoSubscribe: options.speaksIn !== undefined,
    });
    try {
      await client.connect();
      const rooms = new Map<string, Room>();
      for (const name of options.rooms) rooms.set(name, await client.join(name));
      const person = new ChaosPerson(options, client, rooms);
      await person.#speak();
      return person;
    } catch (error) {
      await client.close();
      throw error;
    }
  }

  private constructor({ identity, speaksIn }: PersonOptions, client: Client, rooms: ReadonlyMap<string, Room>) {
    this.identity = identity;
    this.client = client;
    this.rooms = rooms;
    this.speaksIn = speaksIn;
    this.#tone = speaksIn === undefined ? undefined : createToneTrack();
    this.readers = [...rooms.values()].map((room) => this.#follow(room));
    client.on('stateChanged', ({ state, error }) => {
      if (state === 'closed' && !this.#isEnding) this.#complain(`its client was closed: ${error?.reason}`);
    });
  }

  /** Until the server has it, over whatever happens. */
  say(roomName: string): Sent {
    const room = this.rooms.get(roomName);
    if (!room) throw new Error(`${this.identity} is not in ${roomName}`);
    const number = this.#written.get(roomName) ?? 0;
    this.#written.set(roomName, number + 1);
    const { clientId, sent } = room.chat.send(`${number} of ${this.identity}`);
    const entry = { room: roomName, clientId, sentMs: performance.now() };
    this.waiting.set(clientId, entry);
    sent.then(
      ({ epoch, seq, messageId }) => {
        this.waiting.delete(clientId);
        this.acknowledged.push({ room: roomName, author: this.identity, clientId, messageId, epoch, seq });
      },
      (error: unknown) => {
        if (!this.#isEnding) this.#complain(`message ${number} to ${roomName} was refused: ${String(error)}`);
      },
    );
    return entry;
  }

  /** Packets that have come so far of somebody's voice; undefined where no track of it is there. */
  async heardOf(peerId: string): Promise<{ readonly track: object; readonly packets: number } | undefined> {
    const room = this.rooms.get(this.speaksIn ?? '');
    const track = [...(room?.remoteTracks.values() ?? [])].find((one) => one.peerId === peerId);
    if (!track) return undefined;
    let packets = 0;
    const report = await track.getStats().catch(() => undefined);
    report?.forEach((entry: { type?: string; packetsReceived?: number }) => {
      if (entry.type === 'inbound-rtp') packets += entry.packetsReceived ?? 0;
    });
    return { track: track.track, packets };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isEnding = true;
    this.#tone?.[Symbol.dispose]();
    await this.client.close();
  }

  async #speak(): Promise<void> {
    const room = this.rooms.get(this.speaksIn ?? '');
    if (!room || !this.#tone) return;
    await room.publish(this.#tone.track, { source: 'microphone' });
    room.on('localTrackFailed', ({ error }) => this.#complain(`its voice ended: ${error.reason}`));
  }

  #follow(room: Room): Reader {
    const reader = new Reader(this.identity, room.name);
    let at: Cursor = room.chat.cursor;
    room.chat.on('records', ({ records }) => {
      const { epoch } = room.chat.cursor;
      for (const record of records) this.#told(reader, epoch, record);
      at = room.chat.cursor;
    });
    room.chat.on('gap', ({ reason }) => {
      reader.gap({ reason, before: at, after: room.chat.cursor });
      at = room.chat.cursor;
    });
    room.on('peersChanged', ({ left }) => {
      if (!this.#isEnding) for (const { identity, peerId } of left) this.departures.push(`${identity} ${peerId}`);
    });
    room.on('left', ({ reason, explanation }) => this.#complain(`left ${room.name}: ${reason} ${explanation}`));
    return reader;
  }

  #told(reader: Reader, epoch: string, { seq, messageId, kind, identity, clientId, text }: LogRecord): void {
    const number = Number.parseInt(text ?? '', 10);
    const message = kind === 'message' ? { author: identity, clientId, number } : undefined;
    reader.told({ epoch, seq, messageId, message });
    const key = `${reader.room} ${clientId}`;
    if (message && !this.toldMs.has(key)) this.toldMs.set(key, performance.now());
  }

  #complain(what: string): void {
    if (!this.#isEnding) this.complaints.push(`${this.identity}: ${what}`);
  }
}
