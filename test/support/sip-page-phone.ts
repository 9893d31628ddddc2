// sip.js, the phone that pages are made of, in Node.js: with the WebSocket of `ws`, and no media.

import {
  type Invitation,
  Inviter,
  Registerer,
  type Session,
  type SessionDescriptionHandler,
  SessionState,
  UserAgent,
} from 'sip.js';
import { WebSocket } from 'ws';
import { eventually } from './eventually.ts';
import { sampleSdp } from './sip-agent.ts';

export interface PagePhone extends AsyncDisposable {
  register(): Promise<void>;
  unregister(): Promise<void>;
  /** Until it is answered. @throws {Error} when it is not. */
  call(uri: string): Promise<Session>;
  /** The next call that comes, which it accepts. */
  accept(): Promise<Session>;
}

class NoMedia implements SessionDescriptionHandler {
  close(): void {}

  async getDescription() {
    return { body: sampleSdp(9), contentType: 'application/sdp' };
  }

  hasDescription(contentType: string): boolean {
    return contentType === 'application/sdp';
  }

  async setDescription(): Promise<void> {}

  sendDtmf(): boolean {
    return false;
  }
}

/** One that says and trusts what a page and its browser would. */
function webSocketWith(about: { readonly ca?: string; readonly origin?: string }) {
  return class extends WebSocket {
    constructor(url: string, protocols: string | string[]) {
      super(url, protocols, about);
    }
  };
}

export async function startPagePhone(options: {
  /** `ws://127.0.0.1:…` */
  readonly server: string;
  readonly user: string;
  readonly password: string;
  /** Of its address. */
  readonly domain?: string;
  /** Who signed the server's certificate, for `wss:`. */
  readonly ca?: string;
  /** The page that it is in. */
  readonly origin?: string;
}): Promise<PagePhone> {
  const { server, user, password, domain = '127.0.0.1', ca, origin } = options;
  // sip.js knows pages only: it takes the WebSocket that every page has.
  Object.assign(globalThis, { WebSocket: webSocketWith({ ...(ca && { ca }), ...(origin && { origin }) }) });
  const uri = UserAgent.makeURI(`sip:${user}@${domain}`);
  if (uri === undefined) throw new Error(`no address: ${user}@${domain}`);
  const invitations: Invitation[] = [];
  const agent = new UserAgent({
    uri,
    transportOptions: { server },
    authorizationUsername: user,
    authorizationPassword: password,
    logBuiltinEnabled: false,
    sessionDescriptionHandlerFactory: () => new NoMedia(),
    delegate: { onInvite: (invitation) => void invitations.push(invitation) },
  });
  await agent.start();
  const registerer = new Registerer(agent, { expires: 60 });
  const until = async (session: Session) => {
    await eventually(
      () => session.state === SessionState.Established || session.state === SessionState.Terminated,
      'an answer',
      20_000,
    );
    if (session.state !== SessionState.Established) throw new Error('the call was not answered');
    return session;
  };
  return {
    async register() {
      await registerer.register();
      await eventually(() => registerer.state === 'Registered', 'the registration');
    },
    async unregister() {
      await registerer.unregister();
      await eventually(() => registerer.state === 'Unregistered', 'the end of the registration');
    },
    async call(to) {
      const target = UserAgent.makeURI(to);
      if (target === undefined) throw new Error(`no address: ${to}`);
      const inviter = new Inviter(agent, target);
      await inviter.invite();
      return until(inviter);
    },
    async accept() {
      const invitation = await eventually(() => invitations.shift(), 'a call', 20_000);
      await invitation.accept();
      return until(invitation);
    },
    async [Symbol.asyncDispose]() {
      await registerer.dispose();
      await agent.stop();
    },
  };
}
