import { Dialog } from '../dialogs/dialog.ts';
import type { SipRequest, SipResponse } from '../messages/message.ts';
import { Forks, mostForks } from './forks.ts';

export interface CallDialogsUser {
  added(dialog: Dialog): void;
  removed(dialog: Dialog): void;
}

/** The dialogs of one call: an INVITE of ours has one for each phone that it rings at, until one accepts (RFC 3261 section 13.2.2.4). */
export class CallDialogs {
  readonly forks = new Forks();
  readonly #user: CallDialogsUser;
  readonly #known = new Map<string, Dialog>();
  #main: Dialog | undefined;

  constructor(user: CallDialogsUser) {
    this.#user = user;
  }

  /** The one that accepted; of a call that came, the only one. */
  get main(): Dialog | undefined {
    return this.#main;
  }

  /** The one that is spoken in: the newest early one, before any accepted. */
  get current(): Dialog | undefined {
    return this.#main ?? [...this.#known.values()].at(-1);
  }

  /** Which of them a PRACK of ours is for; otherwise the one that is spoken in. */
  for(method: string, headers: SipRequest['headers']): Dialog | undefined {
    return (method === 'PRACK' ? this.forks.acknowledgedBy(headers, this.#known) : undefined) ?? this.current;
  }

  /** We answered the INVITE that the call begins with, provisionally or with 2xx. */
  answered(request: SipRequest, response: SipResponse): Dialog {
    if (this.#main === undefined) {
      this.#main = Dialog.asServer(request, response);
      this.#add(this.#main);
    }
    return this.#main;
  }

  /** A phone rings. Beyond the bound it is not remembered. */
  rings(request: SipRequest, response: SipResponse, tag: string): void {
    const known = this.#known.get(tag);
    if (known !== undefined) known.refreshTarget(response.headers);
    else if (this.#known.size < mostForks) this.#add(Dialog.asClient(request, response));
  }

  /** A phone accepted: the others are out. */
  accepted(request: SipRequest, response: SipResponse, tag: string): void {
    const early = this.#known.get(tag);
    this.#main = early ?? Dialog.asClient(request, response);
    if (early === undefined) this.#add(this.#main);
    this.#main.confirm(response);
    for (const dialog of [...this.#known.values()]) if (dialog !== this.#main) this.remove(dialog);
  }

  remove(dialog: Dialog): void {
    this.#known.delete(dialog.remoteTag);
    dialog.state = 'terminated';
    this.#user.removed(dialog);
  }

  /** `but`: one that lives on. */
  clear(but?: Dialog): void {
    for (const dialog of [...this.#known.values()]) if (dialog !== but) this.remove(dialog);
  }

  #add(dialog: Dialog): void {
    this.#known.set(dialog.remoteTag, dialog);
    this.#user.added(dialog);
  }
}
