// Sends the clients of this node to others, so that it can be stopped without anybody noticing. It can be undone.

import type { NodeLeases } from '../../cluster/directory.ts';
import { AppError } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';
import type { Signaling } from '../../signaling/create-signaling.ts';
import { readyNodes } from './choose-node.ts';

export interface DrainStatus {
  /** `drained`: no client is connected and no phone in a call any more, or none but those who are left when the time is over. */
  readonly state: 'ready' | 'draining' | 'drained';
  /** Sessions whose clients are connected, and plain chat. */
  readonly clients: number;
  /** Senders and viewers by WHIP and WHEP: they know no other node, and go on until this one stops. */
  readonly ingest: number;
  /** In calls and rooms: they stay with the node that they called, and are waited for until the time is over. */
  readonly phones: number;
  /** Milliseconds until whoever is left is sent away. */
  readonly leftMs: number;
}

/** Others miss this node a lease after it lost Redis; who has not gone on elsewhere soon after that is seen to leave. */
const isolatedDeadlineMs = 10_000;

interface DrainParts {
  readonly signaling: Signaling;
  readonly nodes: Pick<NodeLeases, 'others'>;
  readonly log: Logger;
}

export class NodeDrain {
  readonly #parts: DrainParts;
  /** Nobody asked for it, and it ends by itself. */
  #isForIsolation = false;

  constructor(parts: DrainParts) {
    this.#parts = parts;
  }

  get isDraining(): boolean {
    return this.#parts.signaling.moves?.isMoving ?? false;
  }

  /** There is somewhere to go. */
  get canStart(): boolean {
    return readyNodes(this.#parts.nodes).length > 0;
  }

  /** Again: with another time. @throws {AppError} NODE_UNREACHABLE when no other node takes clients. */
  start(deadlineMs: number): void {
    if (!this.canStart && !this.isDraining) throw new AppError('NODE_UNREACHABLE');
    void this.move(deadlineMs);
  }

  /** Resolves once nobody is left, or whoever was left was sent away. */
  async move(deadlineMs: number): Promise<void> {
    const { signaling, log } = this.#parts;
    this.#isForIsolation = false;
    log.info({ deadlineMs, clients: this.status().clients }, 'clients are asked to go on at other nodes');
    await signaling.moves?.start(deadlineMs);
    log.info({ ...signaling.moves?.stats(), clients: this.status().clients }, 'clients were asked to go');
  }

  undo(): void {
    if (!this.isDraining) return;
    this.#isForIsolation = false;
    this.#parts.signaling.moves?.undo();
    this.#parts.log.info({}, 'the node takes clients again');
  }

  /**
   * While this node alone cannot reach what the nodes share, its clients go on where messages are kept. What an operator
   * began is left as it is.
   */
  followIsolation(isIsolated: boolean): void {
    if (isIsolated && !this.isDraining && this.canStart) {
      void this.move(isolatedDeadlineMs);
      this.#isForIsolation = true;
    } else if (!isIsolated && this.#isForIsolation) {
      this.undo();
    }
  }

  status(): DrainStatus {
    const { moves, stats } = this.#parts.signaling;
    const { sessions, peers, ingest } = stats();
    const clients = sessions.connected + peers.chat;
    const phones = peers.phone;
    const leftMs = Math.round(moves?.leftMs ?? 0);
    const isDone = moves?.isDone && (phones === 0 || leftMs === 0);
    const state = isDone ? 'drained' : this.isDraining ? 'draining' : 'ready';
    return { state, clients, ingest: ingest.whip + ingest.whep, phones, leftMs };
  }
}
