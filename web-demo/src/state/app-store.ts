// The page as a whole: the lobby, a call, or what came of it.

import { type Client, createClient, ParleyError, type Room } from '@parley/client';
import E2eeWorker from '@parley/client/e2ee-worker?worker';
import { batch, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import { addressOfRoom, bytesOfKey } from '../encryption/room-key.ts';
import { explainClosed, explainLeft } from '../errors/explain-ending.ts';
import { explainError } from '../errors/explain-error.ts';
import type { Explanation } from '../errors/explanation.ts';
import { type Call, createCall } from './call.ts';
import { type Capture, createCapture } from './capture.ts';
import { type Connection, watchConnection } from './connection.ts';
import { createDevices, type Devices } from './devices.ts';
import { createNotices, type Notices } from './notices.ts';
import { createPreferences, type PreferenceStore, storageOf } from './preferences.ts';
import { createTokenSource } from './token-source.ts';

export type Screen =
  | { readonly name: 'lobby' }
  | { readonly name: 'call'; readonly call: Call }
  | { readonly name: 'ended'; readonly explanation: Explanation };

export interface AppStore {
  readonly screen: ReadonlySignal<Screen>;
  /** Set while joining: the lobby shows how far it is. */
  readonly joining: ReadonlySignal<Connection | undefined>;
  readonly problem: ReadonlySignal<Explanation | undefined>;
  /** The server gives out no tokens: the lobby asks for one. */
  readonly asksForToken: ReadonlySignal<boolean>;
  readonly room: Signal<string>;
  readonly token: Signal<string>;
  /** Of an end-to-end encrypted call; undefined: the call is not encrypted. */
  readonly key: Signal<string | undefined>;
  /** The one that the page was opened with. */
  readonly linkKey: string | undefined;
  readonly preferences: PreferenceStore;
  readonly devices: Devices;
  readonly capture: Capture;
  readonly notices: Notices;
  join(request: { room: string; name: string; moderator: boolean }): Promise<void>;
  cancelJoining(): void;
  leave(): void;
  returnToLobby(): void;
}

const tokenReasons = /^(?:TOKEN_|GUESTS_NOT_ALLOWED$)/;

interface Entering {
  readonly own: Client;
  readonly connection: Connection;
  readonly ownName: string;
  readonly token: () => Promise<string>;
  readonly key: string | undefined;
}

interface Address {
  readonly room: string;
  readonly token: string;
  readonly key: string | undefined;
}

export function createAppStore({ room, token, key }: Address): AppStore {
  const mediaDevices: MediaDevices | undefined = window.isSecureContext ? navigator.mediaDevices : undefined;
  const preferences = createPreferences(storageOf(() => window.localStorage));
  const devices = createDevices(mediaDevices);
  const capture = createCapture({ mediaDevices, preferences, devices });
  const notices = createNotices();
  const screen = signal<Screen>({ name: 'lobby' });
  const joining = signal<Connection | undefined>(undefined);
  const problem = signal<Explanation | undefined>(undefined);
  const asksForToken = signal(token !== '');
  const roomName = signal(room);
  const givenToken = signal(token);
  const roomKey = signal(key);
  let client: Client | undefined;

  const hangUp = (): void => {
    const current = screen.peek();
    if (current.name === 'call') current.call.close();
    joining.peek()?.close();
    joining.value = undefined;
    // Forgotten first: closing says `closed`, which must not count as the end of a call.
    const closing = client;
    client = undefined;
    void closing?.close();
  };

  const end = (explanation: Explanation): void => {
    hangUp();
    capture.close();
    screen.value = { name: 'ended', explanation };
  };

  const enter = (room: Room, { own, connection, ownName, token, key }: Entering): void => {
    const call = createCall({ client: own, room, connection, capture, notices, mediaDevices, ownName, token, key });
    room.on('left', (event) => end(explainLeft(event)));
    own.on('stateChanged', ({ state, error }) => {
      if (state === 'closed' && client === own) end(explainClosed(error));
    });
    batch(() => {
      joining.value = undefined;
      screen.value = { name: 'call', call };
    });
    history.replaceState(null, '', addressOfRoom(room.name, call.encryption.key));
  };

  const join: AppStore['join'] = async ({ room, name, moderator }) => {
    hangUp();
    problem.value = undefined;
    const tokens = createTokenSource(
      { room, name, moderator, given: givenToken.peek() },
      { memory: storageOf(() => window.sessionStorage) },
    );
    const own = createClient({
      token: tokens.next,
      name: 'parley-web-demo',
      e2ee: { worker: () => new E2eeWorker() },
    });
    const key = roomKey.peek();
    client = own;
    const connection = watchConnection(own);
    joining.value = connection;
    try {
      await tokens.first();
      await own.connect();
      const joined = await own.join(room, key === undefined ? {} : { e2ee: true });
      if (joined.e2ee.enabled) await giveKey(joined, key);
      if (client === own) enter(joined, { own, connection, ownName: name || 'You', token: tokens.next, key });
    } catch (error) {
      // Cancelled, or another attempt has begun.
      if (client !== own) return;
      hangUp();
      batch(() => {
        problem.value = explainError(error);
        if (error instanceof ParleyError && tokenReasons.test(error.reason)) asksForToken.value = true;
      });
    }
  };

  return {
    screen,
    joining,
    problem,
    asksForToken,
    room: roomName,
    token: givenToken,
    key: roomKey,
    linkKey: key,
    preferences,
    devices,
    capture,
    notices,
    join,
    cancelJoining: hangUp,
    leave: () => end({ title: 'You left the call', advice: 'You can come back at any time.' }),
    returnToLobby() {
      screen.value = { name: 'lobby' };
    },
  };
}

/** Before anything is sent. @throws {ParleyError} E2EE_KEY_MISSING where the link had none, E2EE_UNSUPPORTED */
async function giveKey(room: Room, key: string | undefined): Promise<void> {
  const bytes = key === undefined ? undefined : bytesOfKey(key);
  if (bytes === undefined) throw new ParleyError('E2EE_KEY_MISSING', 'The link has no key.');
  await room.e2ee.setKey(0, bytes);
}
