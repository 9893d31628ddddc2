// What nodes ask and tell each other of calls. What is told is told in order, and again where the other node cannot be reached;
// one that has died needs to know nothing.

import type { Life } from '../../../cluster/directory.ts';
import type { NodeCalls } from '../../../cluster/node-calls.ts';
import type { Clock } from '../../../core/clock.ts';
import { AppError, toAppError } from '../../../core/errors.ts';
import type { Logger } from '../../../core/log.ts';
import type { CallAsks, CallTells } from './call-asks.ts';

export interface NodeAsksParts {
  readonly calls: Pick<NodeCalls, 'call' | 'serve'>;
  readonly clock: Clock;
  readonly log: Logger;
}

export type AskHandlers = {
  readonly [Kind in keyof CallAsks]: (
    content: CallAsks[Kind]['content'],
    from: Life,
  ) => Promise<CallAsks[Kind]['answer']> | CallAsks[Kind]['answer'];
} & { readonly [Kind in keyof CallTells]: (content: CallTells[Kind], from: Life) => void };

/** Waiting for one node; further ones are dropped. */
const maxWaiting = 1_000;
/**
 * Times that something is told, and the wait before the second one, which doubles up to a bound: until long after a node that is not
 * reached would be dead. What it was not told of a phone that left would have a call go on for ever.
 */
const maxTries = 16;
const [retryMs, mostRetryMs] = [500, 5_000];

interface Waiting {
  readonly kind: string;
  readonly content: object;
}

export class NodeAsks {
  readonly #parts: NodeAsksParts;
  /** By node; those that are being told something. */
  readonly #waiting = new Map<Life, Waiting[]>();

  constructor(parts: NodeAsksParts) {
    this.#parts = parts;
  }

  /** @throws {AppError} by rejection: NODE_UNREACHABLE, and whatever the other node throws. */
  async ask<Kind extends keyof CallAsks>(
    to: Life,
    kind: Kind,
    content: CallAsks[Kind]['content'],
  ): Promise<CallAsks[Kind]['answer']> {
    return (await this.#call(to, kind, content)) as CallAsks[Kind]['answer'];
  }

  /** At once, and never failing. */
  tell<Kind extends keyof CallTells>(to: Life, kind: Kind, content: CallTells[Kind]): void {
    const waiting = this.#waiting.get(to);
    if (waiting === undefined) {
      const first = [{ kind, content }];
      this.#waiting.set(to, first);
      void this.#tellAll(to, first);
    } else if (waiting.length < maxWaiting) waiting.push({ kind, content });
  }

  died(life: Life): void {
    this.#waiting.get(life)?.splice(0);
  }

  serve(handlers: AskHandlers): void {
    const byKind = handlers as Readonly<Record<string, (content: unknown, from: Life) => unknown>>;
    this.#parts.calls.serve({
      async askCall({ ask, content }, from) {
        const handler = Object.hasOwn(byKind, ask) ? byKind[ask] : undefined;
        if (handler === undefined) throw new AppError('BAD_REQUEST', { field: 'ask', problem: 'is not known here' });
        const answer = await handler(JSON.parse(content), from);
        return { answer: answer === undefined ? '' : JSON.stringify(answer) };
      },
    });
  }

  async #tellAll(to: Life, waiting: Waiting[]): Promise<void> {
    for (let told = waiting.shift(); told !== undefined; told = waiting.shift()) await this.#tell(to, told);
    this.#waiting.delete(to);
  }

  async #tell(to: Life, { kind, content }: Waiting): Promise<void> {
    const { clock, log } = this.#parts;
    for (let tries = 1; ; tries++) {
      try {
        await this.#call(to, kind, content);
        return;
      } catch (thrown) {
        const { reason } = toAppError(thrown);
        if (reason !== 'NODE_UNREACHABLE' || tries >= maxTries) {
          log.debug({ to, kind, reason }, 'another node was not told of a call');
          return;
        }
        await new Promise<void>(
          (resolve) => void clock.after(Math.min(retryMs * 2 ** (tries - 1), mostRetryMs), resolve),
        );
      }
    }
  }

  async #call(to: Life, ask: string, content: object): Promise<unknown> {
    const { answer } = await this.#parts.calls.call(to, 'askCall', { ask, content: JSON.stringify(content) });
    return answer === '' ? undefined : JSON.parse(answer);
  }
}
