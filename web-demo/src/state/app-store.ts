// The page as a whole: the lobby, the phone, a call, or what came of it.

import { type Client, createClient, ParleyError, type Room, type Call as SdkCall } from '@parley/client';
import E2eeWorker from '@parley/client/e2ee-worker?worker';
import { batch, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import { addressOfRoom, bytesOfKey } from '../encryption/room-key.ts';
import { explainClosed, explainLeft } from '../errors/explain-ending.ts';
import { explainError } from '../errors/explain-error.ts';
import type { Explanation } from '../errors/explanation.ts';
import { createPhone, type Phone } from '../phone/phone-store.ts';
import { createRinger } from '../phone/ringer.ts';
import { type Call, createCall } from './call.ts';
import { type Capture, createCapture } from './capture.ts';
import { type Connection, watchConnection } from './connection.ts';
import { createDevices, type Devices } from './devices.ts';
import { createNotices, type Notices } from './notices.ts';
import { createOpenCalls, type OpenCalls } from './open-calls.ts';
import { createPreferences, type PreferenceStore, storageOf } from './preferences.ts';
import { createTokenSource } from './token-source.ts';

export type Screen =
  | { readonly name: 'lobby' }
  /** Whoever is not signed in is asked who it is. */
  | { readonly name: 'phone'; readonly phone: Phone | undefined }
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
  /** What rings, wherever the page is; undefined: nobody is signed in. */
  readonly phone: ReadonlySignal<Phone | undefined>;
  readonly openCalls: OpenCalls;
  join(request: { room: string; name: string; moderator: boolean }): Promise<void>;
  cancelJoining(): void;
  /** Signs in to call and to be called, in no room yet. */
  signInPhone(name: string): Promise<void>;
  signOut(): void;
  /** The call that is shown: another one that waits is shown then, or where one came from. */
  leave(): void;
  returnToLobby(): void;
}

const tokenReasons = /^(?:TOKEN_|GUESTS_NOT_ALLOWED$)/;
/** Guests get tokens for a room: this one is never opened. */
const phoneRoom = 'phone';

interface SignedIn {
  readonly own: Client;
  readonly connection: Connection;
  readonly ownName: string;
  readonly token: () => Promise<string>;
  readonly key: string | undefined;
  readonly home: 'lobby' | 'phone';
}

interface Address {
  readonly room: string;
  readonly token: string;
  readonly key: string | undefined;
  /** The page was opened to call; whom, or nobody yet. */
  readonly phone: { readonly callee: string } | undefined;
}

export function createAppStore({ room, token, key, phone: opened }: Address): AppStore {
  const mediaDevices: MediaDevices | undefined = window.isSecureContext ? navigator.mediaDevices : undefined;
  const preferences = createPreferences(storageOf(() => window.localStorage));
  const devices = createDevices(mediaDevices);
  const capture = createCapture({ mediaDevices, preferences, devices });
  const notices = createNotices();
  const screen = signal<Screen>(opened === undefined ? { name: 'lobby' } : { name: 'phone', phone: undefined });
  const joining = signal<Connection | undefined>(undefined);
  const problem = signal<Explanation | undefined>(undefined);
  const asksForToken = signal(token !== '');
  const roomName = signal(room);
  const givenToken = signal(token);
  const roomKey = signal(key);
  const phone = signal<Phone | undefined>(undefined);
  /** Whoever is signed in, or about to be. */
  let current: SignedIn | undefined;
  let ringer: { close(): void } | undefined;

  const openCalls = createOpenCalls((call) => {
    screen.value = { name: 'call', call };
  });

  const hangUp = (): void => {
    openCalls.closeAll();
    ringer?.close();
    ringer = undefined;
    phone.peek()?.close();
    phone.value = undefined;
    joining.value = undefined;
    // Forgotten first: closing says `closed`, which must not count as the end of a call.
    const closing = current;
    current = undefined;
    closing?.connection.close();
    void closing?.own.close();
  };

  const end = (explanation: Explanation): void => {
    hangUp();
    capture.close();
    screen.value = { name: 'ended', explanation };
  };

  /** What the page has of it; then another one is shown, or where one came from. */
  const close = (call: Call, { home }: SignedIn, explanation: Explanation): void => {
    if (!openCalls.close(call) || openCalls.shown.peek() !== undefined) return;
    if (home === 'lobby') {
      end(explanation);
      return;
    }
    capture.close();
    screen.value = { name: 'phone', phone: phone.peek() };
  };

  const enter = (joined: Room, signedIn: SignedIn, sdkCall?: SdkCall): void => {
    const present = openCalls.all.peek().find((call) => call.room === joined.name);
    if (present !== undefined) {
      openCalls.show(present);
      return;
    }
    const { own, ...others } = signedIn;
    const call = createCall({ ...others, client: own, room: joined, capture, notices, mediaDevices });
    joined.on('left', (event) => close(call, signedIn, explainLeft(event)));
    sdkCall?.on('ended', () => close(call, signedIn, { title: 'The call is over', advice: 'You can call again.' }));
    openCalls.show(call);
    if (sdkCall === undefined) history.replaceState(null, '', addressOfRoom(joined.name, call.encryption.key));
    else if (capture.microphone.peek().status === 'off') {
      // Whoever calls or answers wants to be heard.
      capture.microphoneMuted.value = false;
      void capture.start(['microphone']);
    }
  };

  const startPhone = (signedIn: SignedIn): Phone => {
    const { own: client, ownName, connection } = signedIn;
    const onEntered = (joined: Room, call: SdkCall) => enter(joined, signedIn, call);
    const started = createPhone({ client, ownName, connection, notices, callee: opened?.callee ?? '', onEntered });
    phone.value = started;
    ringer = createRinger({ phone: started, shown: openCalls.shown });
    return started;
  };

  /** Shows where it leads by itself; a failure is told where the person is. */
  const signIn = async (
    { home, ...request }: { room: string; name: string; moderator: boolean; home: SignedIn['home'] },
    proceed: (signedIn: SignedIn) => Promise<void>,
  ): Promise<void> => {
    hangUp();
    problem.value = undefined;
    const tokens = createTokenSource(
      { ...request, given: givenToken.peek() },
      { memory: storageOf(() => window.sessionStorage) },
    );
    const own = createClient({
      token: tokens.next,
      name: 'parley-web-demo',
      e2ee: { worker: () => new E2eeWorker() },
    });
    const connection = watchConnection(own);
    const ownName = request.name || 'You';
    const signedIn: SignedIn = { own, connection, ownName, token: tokens.next, key: roomKey.peek(), home };
    current = signedIn;
    joining.value = connection;
    try {
      await tokens.first();
      await own.connect();
      await proceed(signedIn);
      if (current !== signedIn) return;
      joining.value = undefined;
      own.on('stateChanged', ({ state, error }) => {
        if (state === 'closed' && current === signedIn) end(explainClosed(error));
      });
    } catch (error) {
      // Cancelled, or another attempt has begun.
      if (current !== signedIn) return;
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
    phone,
    openCalls,
    join: (request) =>
      signIn({ ...request, home: 'lobby' }, async (signedIn) => {
        const { own, key } = signedIn;
        const joined = await own.join(request.room, key === undefined ? {} : { e2ee: true });
        if (joined.e2ee.enabled) await giveKey(joined, key);
        if (current !== signedIn) return;
        startPhone(signedIn);
        enter(joined, signedIn);
      }),
    cancelJoining: hangUp,
    signInPhone: (name) =>
      signIn({ room: phoneRoom, name, moderator: false, home: 'phone' }, async (signedIn) => {
        if (current === signedIn) screen.value = { name: 'phone', phone: startPhone(signedIn) };
      }),
    signOut() {
      hangUp();
      capture.close();
      screen.value = { name: 'phone', phone: undefined };
    },
    leave() {
      const shown = openCalls.shown.peek();
      if (shown === undefined || current === undefined) return;
      void shown.hangUp().catch(() => {});
      close(shown, current, { title: 'You left the call', advice: 'You can come back at any time.' });
    },
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
