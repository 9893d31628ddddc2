import type { Replaces } from '../../agent/messages/parse-replaces.ts';
import type { LineEnd, PhoneLine } from './phone-line.ts';

/** The phones that are in a call with us: as many as the agent has calls (`sip.load.calls`). */
export class Lines {
  /** By the id of the dialog: Call-ID, and the tag of who sent the INVITE. */
  readonly #lines = new Map<string, PhoneLine>();

  get size(): number {
    return this.#lines.size;
  }

  add(line: PhoneLine): void {
    if (!line.up) return;
    this.#lines.set(line.call.id, line);
    void line.over.then(() => this.#lines.delete(line.call.id));
  }

  /** Which of them an INVITE or a REFER means; its tags are ours and theirs, whoever called (RFC 3891 section 3). */
  replacedBy({ callId, toTag, fromTag }: Replaces): PhoneLine | undefined {
    return this.#lines.get(dialogId(callId, fromTag)) ?? this.#lines.get(dialogId(callId, toTag));
  }

  /** Resolves when all of them are over. */
  async endAll(end: LineEnd): Promise<void> {
    const all = [...this.#lines.values()];
    await Promise.all(all.map((line) => line.end(end)));
    await Promise.all(all.map((line) => line.over));
  }
}

function dialogId(callId: string, tagOfInviter: string): string {
  return `${callId};from-tag=${tagOfInviter}`;
}
