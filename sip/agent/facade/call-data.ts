import { randomUUID } from 'node:crypto';
import type { Clock } from '../../../core/clock.ts';
import type { SipMessage, SipRequest, SipResponse } from '../messages/message.ts';
import { messageText } from '../messages/serialize-message.ts';
import type { EndReason } from '../user-agent/session-events.ts';
import type { AppConnection } from './app-connection.ts';
import { timeToken } from './tokens.ts';

/** Who did it: the other side, or the application. */
export type Source = 'network' | 'application';

/** How drachtio calls the ends of calls that no application asked for, but for the usual one. */
const endings: Readonly<Partial<Record<EndReason, string>>> = {
  SESSION_EXPIRED: 'session-expired',
  DIALOG_GONE: 'system-error-initiated-termination',
};

/** Tells applications that asked for it of each call's attempt, start and end. */
export class CallData {
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  attempt(app: AppConnection, source: Source, invite: SipRequest): void {
    this.#tell(app, 'cdr:attempt', [source], invite);
  }

  /** The final answer of the INVITE that a call begins with. */
  answer(app: AppConnection, source: Source, role: 'uac' | 'uas', response: SipResponse): void {
    if (response.status < 300) this.#tell(app, 'cdr:start', [source, role], response);
    else {
      const why = response.status === 487 ? 'call-canceled' : 'call-rejected';
      this.#tell(app, 'cdr:stop', [source, why], response);
    }
  }

  canceled(app: AppConnection, invite: SipRequest): void {
    this.#tell(app, 'cdr:stop', ['network', 'call-canceled'], invite);
  }

  released(app: AppConnection, source: Source, bye: SipRequest): void {
    this.#tell(app, 'cdr:stop', [source, 'normal-release'], bye);
  }

  ended(app: AppConnection, reason: EndReason, bye: SipRequest): void {
    this.#tell(app, 'cdr:stop', ['application', endings[reason] ?? 'system-initiated-termination'], bye);
  }

  #tell(app: AppConnection, kind: string, [source, ...more]: readonly string[], message: SipMessage): void {
    if (!app.wants(kind)) return;
    const tokens = [randomUUID(), kind, source, timeToken(this.#clock), ...more];
    app.send(`${tokens.join('|')}\r\n${messageText(message)}`);
  }
}
