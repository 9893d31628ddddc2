// The in-memory engine of the ClientLink port.

import type { ErrorReason } from '../../core/errors.ts';
import type { EventMessage } from '../../core/event-message.ts';
import { createConnectionId } from '../../core/ids.ts';
import type { EventName, Events, LogRecord, MessageContent } from '../../proto/gen/types.ts';
import type { ClientLink } from '../client-link.ts';

/** One event with its payload's type. */
export type RecordedEvent = { [Name in EventName]: { readonly name: Name; readonly payload: Events[Name] } }[EventName];

/** Keeps what it is sent. Closing it reports the end a moment later, as the gateway does. */
export class RecordingLink implements ClientLink {
  readonly id = createConnectionId();
  readonly remoteAddress: string;
  readonly events: RecordedEvent[] = [];
  closedWith: ErrorReason | undefined;
  /** Called once, when the connection is gone, whoever ended it. */
  onGone: () => void = () => {};
  onDrained: (() => void) | undefined;
  /** The reader is behind: no records are taken. */
  slow = false;
  #gone = false;

  constructor(remoteAddress = '192.0.2.1') {
    this.remoteAddress = remoteAddress;
  }

  send(event: EventMessage): void {
    if (!this.#gone) this.events.push({ name: event.name, payload: event.payload } as RecordedEvent);
  }

  /** Takes records unless it is made slow. */
  offerLog(event: EventMessage): boolean {
    if (this.#gone) return true;
    if (this.slow) return false;
    this.send(event);
    return true;
  }

  /** What was unsent is on its way. */
  drain(): void {
    this.slow = false;
    this.onDrained?.();
  }

  close(reason: ErrorReason): void {
    if (this.#gone) return;
    this.closedWith = reason;
    this.#gone = true;
    queueMicrotask(() => this.onGone());
  }

  /** The client's network or process is gone. */
  lose(): void {
    if (this.#gone) return;
    this.#gone = true;
    this.onGone();
  }

  /** Without who came and went as the log says it: that comes whenever the store has it. */
  names(): EventName[] {
    return this.events.filter(isNoAttendance).map(({ name }) => name);
  }

  of<Name extends EventName>(name: Name): Events[Name][] {
    return this.events.filter((event) => event.name === name).map((event) => event.payload as Events[Name]);
  }

  /** The records that it was told of, in order. */
  records(): LogRecord[] {
    return this.of('logRecords').flatMap(({ records }) => records);
  }

  /** Those of them that are messages. */
  messages(): (LogRecord & { message: MessageContent })[] {
    return this.records().flatMap((record) => (record.message ? [{ ...record, message: record.message }] : []));
  }

  /** What was sent since the last time, as `names` has it. */
  take(): RecordedEvent[] {
    return this.events.splice(0).filter(isNoAttendance);
  }
}

function isNoAttendance({ name, payload }: RecordedEvent): boolean {
  return name !== 'logRecords' || payload.records.some(({ kind }) => kind !== 'joined' && kind !== 'left');
}
