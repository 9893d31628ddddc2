// One call: a room that was joined, and everything that the page shows of it.

import type { Client, Room } from '@parley/client';
import { type Signal, signal } from '@preact/signals';
import { createEncryption, type Encryption } from '../encryption/encryption-store.ts';
import { type CallLine, createCallLine } from '../phone/call-line.ts';
import { createPressedKeys, type PressedKeys } from '../phone/pressed-keys.ts';
import { createQuality, type Quality } from '../quality/quality-store.ts';
import { createRecording, type Recording } from '../recording/recording-store.ts';
import type { Capture } from './capture.ts';
import { type Chat, createChat } from './chat.ts';
import type { Connection } from './connection.ts';
import { createDirect, type Direct } from './direct.ts';
import { keepAwake } from './keep-awake.ts';
import { createModeration, type Moderation } from './moderation.ts';
import type { Notices } from './notices.ts';
import { createPublishing } from './publishing.ts';
import { createRoster, type Roster } from './roster.ts';
import { createScreenShare, type ScreenShare } from './screen-share.ts';

export type Panel = 'chat' | 'people' | 'phone' | 'quality' | 'recording';

export interface Call {
  readonly room: string;
  readonly startedAtMs: number;
  readonly connection: Connection;
  readonly roster: Roster;
  readonly chat: Chat;
  readonly moderation: Moderation;
  readonly screen: ScreenShare;
  readonly quality: Quality;
  readonly recording: Recording;
  readonly direct: Direct;
  readonly encryption: Encryption;
  /** Whom one calls into this room, by phone or wherever they are. */
  readonly line: CallLine;
  /** What its phones press. */
  readonly keys: PressedKeys;
  readonly panel: Signal<Panel | undefined>;
  /** What the token says. */
  readonly may: {
    readonly speak: boolean;
    readonly showVideo: boolean;
    readonly shareScreen: boolean;
    readonly call: boolean;
  };
  /** Shows video again after a moderator stopped it. @throws {ParleyError} PRODUCER_LOCKED when only a moderator can. */
  resumeCamera(): Promise<void>;
  /** Another call is shown: nothing is sent here until `resume`, and a call between people waits on hold. */
  suspend(): Promise<void>;
  resume(): Promise<void>;
  /** Leaves the room; a call between people is hung up. */
  hangUp(): Promise<void>;
  /** Ends everything of the call; the camera and the microphone belong to the page. */
  close(): void;
}

interface CallOptions {
  readonly client: Client;
  readonly room: Room;
  readonly connection: Connection;
  readonly capture: Capture;
  readonly notices: Notices;
  readonly mediaDevices: MediaDevices | undefined;
  readonly ownName: string;
  /** What files of the server are asked for with. */
  readonly token: () => Promise<string>;
  /** Of an end-to-end encrypted call. */
  readonly key: string | undefined;
}

export function createCall(options: CallOptions): Call {
  const { client, room, connection, capture, notices, mediaDevices, ownName, token, key } = options;
  const ownIdentity = client.identity ?? room.peerId;
  const roster = createRoster({ room, ownName, ownIdentity });
  const chat = createChat({ client, room, roster, ownName, ownIdentity, notices });
  const moderation = createModeration(room, notices);
  const screen = createScreenShare(room, mediaDevices, notices);
  const quality = createQuality(room);
  const direct = createDirect(room);
  const recording = createRecording({ room, notices, token });
  const encryption = createEncryption(room, key);
  const may = {
    speak: room.grants.includes('publish:audio'),
    showVideo: room.grants.includes('publish:video'),
    shareScreen: room.grants.includes('publish:screen'),
    call: room.grants.includes('call'),
  };
  if (!may.speak) capture.stop('microphone');
  if (!may.showVideo) capture.stop('camera');
  let publishing = createPublishing(room, capture, notices);
  const line = createCallLine({ calls: client.calls, room, notices });
  const keys = createPressedKeys(room);
  const stopAsking = room.on('unmuteRequested', ({ name }) => notices.show(`${name} asks you to unmute yourself.`));
  const letSleep = keepAwake();
  const panel = signal<Panel | undefined>(undefined);
  const unsubscribe = panel.subscribe((open) => {
    chat.isOpen.value = open === 'chat';
  });
  return {
    room: room.name,
    startedAtMs: Date.now(),
    connection,
    roster,
    chat,
    moderation,
    screen,
    quality,
    recording,
    direct,
    encryption,
    line,
    keys,
    panel,
    may,
    async resumeCamera() {
      await room.localTracks.get('camera')?.resume();
    },
    async suspend() {
      publishing.close();
      if (screen.state.peek() === 'on') await screen.toggle();
      await Promise.all([...room.localTracks.values()].map((local) => local.close()));
      if (line.call.peek()) await line.setHeld(true);
    },
    async resume() {
      if (line.call.peek()) await line.setHeld(false);
      publishing = createPublishing(room, capture, notices);
    },
    async hangUp() {
      await line.call.peek()?.end();
      await room.leave();
    },
    close() {
      unsubscribe();
      stopAsking();
      line.close();
      keys.close();
      letSleep();
      publishing.close();
      screen.close();
      quality.close();
      recording.close();
      direct.close();
      encryption.close();
      chat.close();
      moderation.close();
      roster.close();
      connection.close();
    },
  };
}
