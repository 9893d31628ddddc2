// A phone in a page: SIP over a WebSocket straight to the agent, by sip.js. Nothing of Parley's own protocol is in it.

import { batch, type ReadonlySignal, signal } from '@preact/signals';
import { Invitation, type Session, SessionState, Web } from 'sip.js';
import { explainDevice } from '../errors/explain-device.ts';
import type { Explanation } from '../errors/explanation.ts';
import { createSoundMaker } from '../phone/sound-maker.ts';
import type { Account } from './account.ts';
import { explainRefusedSignIn, explainStatus, explainTransfer, unreachable } from './explain-sip.ts';
import { toShownAddress, toSipAddress } from './sip-address.ts';
import { finalStatusOf } from './transfer-status.ts';

/** `lost`: was registered, and comes back by itself. */
export type Registration = 'none' | 'connecting' | 'registered' | 'lost';

export interface Line {
  readonly id: string;
  readonly direction: 'incoming' | 'outgoing';
  readonly state: 'calling' | 'ringing' | 'answered' | 'ended';
  readonly address: string;
  readonly name: string;
  readonly held: boolean;
  readonly muted: boolean;
  readonly answeredAtMs: number | undefined;
  /** Somebody else is asked to take it over. */
  readonly isHandedOn: boolean;
  /** What was pressed since it was answered. */
  readonly digits: string;
}

export interface Softphone {
  readonly registration: ReadonlySignal<Registration>;
  readonly account: ReadonlySignal<Account | undefined>;
  readonly lines: ReadonlySignal<readonly Line[]>;
  readonly problem: ReadonlySignal<Explanation | undefined>;
  signIn(account: Account): Promise<void>;
  signOut(): Promise<void>;
  call(typed: string): Promise<void>;
  answer(line: Line): Promise<void>;
  hangUp(line: Line): Promise<void>;
  setHeld(line: Line, held: boolean): Promise<void>;
  setMuted(line: Line, muted: boolean): void;
  press(line: Line, digit: string): Promise<void>;
  /** To what is typed, or to the other line. */
  transfer(line: Line, to: string | Line): Promise<void>;
  dismissProblem(): void;
}

const linesAtMost = 2;
const expiresSeconds = 120;
/** A dropped connection is tried again so often, this far apart. */
const reconnection = { attempts: 1_000, delaySeconds: 4 } as const;
const digitsShown = 24;

export function createSoftphone(): Softphone {
  const registration = signal<Registration>('none');
  const account = signal<Account | undefined>(undefined);
  const lines = signal<readonly Line[]>([]);
  const problem = signal<Explanation | undefined>(undefined);
  const sounds = createSoundMaker();
  const sessions = new Map<string, Session>();
  let manager: Web.SessionManager | undefined;

  const change = (id: string, changes: Partial<Line>): void => {
    lines.value = lines.peek().map((line) => (line.id === id ? { ...line, ...changes } : line));
    playWhatRings();
  };

  const playWhatRings = (): void => {
    const all = lines.peek();
    const isTalking = all.some(({ state, held }) => state === 'answered' && !held);
    if (all.some(({ state, direction }) => state === 'ringing' && direction === 'incoming')) {
      sounds.play(isTalking ? 'waiting' : 'ring');
    } else if (all.some(({ state, direction }) => state === 'ringing' && direction === 'outgoing')) {
      sounds.play('ringback');
    } else {
      sounds.silence();
    }
  };

  const remove = (id: string): void => {
    sessions.delete(id);
    lines.value = lines.peek().filter((line) => line.id !== id);
    playWhatRings();
  };

  const add = (session: Session, direction: Line['direction']): void => {
    const { uri, displayName } = session.remoteIdentity;
    sessions.set(session.id, session);
    lines.value = [
      ...lines.peek(),
      {
        id: session.id,
        direction,
        state: direction === 'incoming' ? 'ringing' : 'calling',
        address: toShownAddress(uri, account.peek()?.domain ?? ''),
        name: displayName,
        held: false,
        muted: false,
        answeredAtMs: undefined,
        isHandedOn: false,
        digits: '',
      },
    ];
    playWhatRings();
    session.stateChange.addListener((state) => {
      if (state === SessionState.Established) change(session.id, { state: 'answered', answeredAtMs: Date.now() });
      if (state === SessionState.Terminated) remove(session.id);
    });
  };

  /** What fails in a call is said, and the call goes on as it can. */
  const attempt = async (action: () => Promise<unknown>): Promise<void> => {
    problem.value = undefined;
    try {
      await action();
    } catch (error) {
      problem.value = isDeviceError(error)
        ? explainDevice('microphone', error)
        : { title: 'That did not work', advice: error instanceof Error ? error.message : 'Try again.' };
    }
  };

  const sessionOf = ({ id }: Line): Session => {
    const session = sessions.get(id);
    if (session === undefined) throw new Error('That call is over.');
    return session;
  };

  const requireManager = (): Web.SessionManager => {
    if (manager === undefined) throw new Error('Sign in first.');
    return manager;
  };

  /** One voice at a time: whoever was talked to waits. */
  const holdOthers = async (id: string): Promise<void> => {
    const talking = lines.peek().filter((line) => line.id !== id && line.state === 'answered' && !line.held);
    await Promise.all(talking.map((line) => requireManager().hold(sessionOf(line))));
  };

  const open = (given: Account): Web.SessionManager =>
    new Web.SessionManager(given.server, {
      aor: `sip:${encodeURIComponent(given.user)}@${given.domain}`,
      // One more than there may be: the third caller is told that both lines are taken.
      maxSimultaneousSessions: linesAtMost,
      reconnectionAttempts: reconnection.attempts,
      reconnectionDelay: reconnection.delaySeconds,
      media: { constraints: { audio: true, video: false }, remote: () => ({ audio: new Audio() }) },
      registererOptions: { expires: expiresSeconds },
      userAgentOptions: {
        authorizationUsername: given.user,
        authorizationPassword: given.password,
        ...(given.name !== '' && { displayName: given.name }),
        logBuiltinEnabled: false,
        sessionDescriptionHandlerFactoryOptions: {
          // The server has an address that everybody reaches: nobody else is asked for ours.
          peerConnectionConfiguration: { iceServers: [] },
        },
      },
      delegate: {
        onCallCreated: (session) => add(session, session instanceof Invitation ? 'incoming' : 'outgoing'),
        // sip.js refuses calls where nobody takes them: they are in `lines` already.
        onCallReceived: () => {},
        onCallHold: (session, held) => change(session.id, { held }),
        onRegistered: () => {
          registration.value = 'registered';
        },
        onUnregistered: () => {
          if (registration.peek() === 'registered') registration.value = 'lost';
        },
        onServerDisconnect: () => {
          if (registration.peek() === 'registered') registration.value = 'lost';
        },
      },
    });

  const signOut = async (): Promise<void> => {
    const closing = manager;
    manager = undefined;
    batch(() => {
      registration.value = 'none';
      account.value = undefined;
    });
    await Promise.all([...sessions.values()].map((session) => closing?.hangup(session).catch(() => {})));
    await closing?.unregister().catch(() => {});
    await closing?.disconnect().catch(() => {});
  };

  const refuse = (why: Explanation): void => {
    void signOut();
    problem.value = why;
  };

  return {
    registration,
    account,
    lines,
    problem,
    signOut,
    async signIn(given) {
      await signOut();
      const own = open(given);
      batch(() => {
        problem.value = undefined;
        registration.value = 'connecting';
        account.value = given;
      });
      manager = own;
      try {
        await own.connect();
        await own.register({
          requestDelegate: {
            // Asked again by itself it would be taken for somebody who guesses passwords.
            onReject: ({ message }) => manager === own && refuse(explainRefusedSignIn(message.statusCode ?? 500)),
          },
        });
      } catch {
        if (manager === own) refuse(unreachable);
      }
    },
    call: (typed) =>
      attempt(async () => {
        const target = toSipAddress(typed, account.peek()?.domain ?? '');
        if (target === undefined) throw new Error('Nobody can be called by that. Try a name, a number or an address.');
        if (lines.peek().length >= linesAtMost) throw new Error('Both lines are taken.');
        await holdOthers('');
        const inviter = await requireManager().call(
          target,
          { earlyMedia: true },
          {
            requestDelegate: {
              onProgress: ({ message }) => {
                // With 183 the other side says itself what there is to hear (RFC 3960 section 3.2).
                if (message.statusCode === 180) change(inviter.id, { state: 'ringing' });
              },
              onReject: ({ message }) => {
                if (message.statusCode !== 487) problem.value = explainStatus(message.statusCode ?? 500);
              },
            },
          },
        );
      }),
    answer: (line) =>
      attempt(async () => {
        await holdOthers(line.id);
        await requireManager().answer(sessionOf(line));
      }),
    hangUp: (line) =>
      attempt(async () => {
        const session = sessionOf(line);
        if (session instanceof Invitation && line.state === 'ringing') await session.reject({ statusCode: 603 });
        else await requireManager().hangup(session);
      }),
    setHeld: (line, held) =>
      attempt(async () => {
        if (!held) await holdOthers(line.id);
        await (held ? requireManager().hold(sessionOf(line)) : requireManager().unhold(sessionOf(line)));
      }),
    setMuted(line, muted) {
      if (muted) manager?.mute(sessionOf(line));
      else manager?.unmute(sessionOf(line));
      change(line.id, { muted });
    },
    press: (line, digit) =>
      attempt(async () => {
        sounds.click(digit);
        await requireManager().sendDTMF(sessionOf(line), digit);
        const digits = lines.peek().find(({ id }) => id === line.id)?.digits ?? '';
        change(line.id, { digits: `${digits}${digit}`.slice(-digitsShown) });
      }),
    transfer: (line, to) =>
      attempt(async () => {
        const target = typeof to === 'string' ? toSipAddress(to, account.peek()?.domain ?? '') : sessionOf(to);
        if (target === undefined) throw new Error('Nobody can be called by that. Try a name, a number or an address.');
        change(line.id, { isHandedOn: true });
        const fail = (status: number): void => {
          change(line.id, { isHandedOn: false });
          problem.value = explainTransfer(status);
        };
        const asked = requireManager().transfer(sessionOf(line), target, {
          // One that goes well ends the call by itself.
          onNotify: (notification) => {
            void notification.accept();
            const status = finalStatusOf(notification.request.body);
            if (status !== undefined && status >= 300) fail(status);
          },
          requestDelegate: { onReject: ({ message }) => fail(message.statusCode ?? 500) },
        });
        await asked.catch((error: unknown) => {
          change(line.id, { isHandedOn: false });
          throw error;
        });
      }),
    dismissProblem() {
      problem.value = undefined;
    },
  };
}

function isDeviceError(error: unknown): boolean {
  return (
    error instanceof DOMException || (error instanceof Error && /^Not(?:Allowed|Found|Readable)Error/.test(error.name))
  );
}
