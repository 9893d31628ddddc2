import { Metadata } from '@grpc/grpc-js';
import { BrokenCircuitError, ConsecutiveBreaker, circuitBreaker, handleWhen } from 'cockatiel';
import { AppError } from '../../core/errors.ts';
import { asBytes } from './channel.ts';
import type { NodeChannel } from './node-channel.ts';
import { fromServiceError, MissedDeadline, unreachable } from './rpc-errors.ts';

/** A node that is slow is not given up; one that is silent so often is. */
const missesUntilBreak = 3;
const halfOpenAfterMs = 2_000;
const maxUnderWay = 256;

interface CallsToNodeParts {
  /** Of these calls alone. */
  readonly channel: NodeChannel;
  readonly timeoutMs: number;
}

/**
 * Calls to one other node. After three deadlines in a row nothing is tried for two seconds, and then over another channel:
 * one on which nothing moves would keep every call waiting.
 */
export class CallsToNode {
  readonly #parts: CallsToNodeParts;
  readonly #breaker = circuitBreaker(
    handleWhen((error) => error instanceof MissedDeadline),
    { halfOpenAfter: halfOpenAfterMs, breaker: new ConsecutiveBreaker(missesUntilBreak) },
  );
  #underWay = 0;
  #isBroken = false;
  #closed = false;

  constructor(parts: CallsToNodeParts) {
    this.#parts = parts;
    this.#breaker.onBreak(() => {
      this.#isBroken = true;
      parts.channel.discard();
    });
    this.#breaker.onReset(() => {
      this.#isBroken = false;
    });
  }

  /** Nothing is tried now. */
  get isBroken(): boolean {
    return this.#isBroken;
  }

  /** @throws {AppError} NODE_UNREACHABLE, NODE_OVERLOADED, and what the other node threw. */
  async call(path: string, body: Buffer, token: string): Promise<Buffer> {
    if (this.#closed) throw unreachable();
    if (this.#underWay >= maxUnderWay) throw new AppError('NODE_OVERLOADED', { what: 'calls to another node' });
    this.#underWay += 1;
    try {
      return await this.#breaker.execute(() => this.#send(path, body, token));
    } catch (error) {
      throw error instanceof MissedDeadline || error instanceof BrokenCircuitError ? unreachable(error) : error;
    } finally {
      this.#underWay -= 1;
    }
  }

  /** What is under way ends at its deadline. */
  close(): void {
    this.#closed = true;
    this.#parts.channel.close();
  }

  #send(path: string, body: Buffer, token: string): Promise<Buffer> {
    const { channel, timeoutMs } = this.#parts;
    const metadata = new Metadata();
    metadata.set('authorization', token);
    return new Promise((resolve, reject) => {
      const deadline = Date.now() + timeoutMs;
      channel.get().makeUnaryRequest(path, asBytes, asBytes, body, metadata, { deadline }, (error, answer) => {
        if (error) reject(fromServiceError(error));
        else if (answer) resolve(answer);
        else reject(unreachable());
      });
    });
  }
}
