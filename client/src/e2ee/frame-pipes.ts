import { DecryptionWatch } from './decryption-watch.ts';
import type { DecryptionProblem, E2eeCounts } from './e2ee-api.ts';
import { FrameOpener, FrameSealer } from './frame-cipher.ts';
import { KeyRing } from './frame-keys.ts';
import type { EncodedFrame, FrameStreams, Pipe } from './worker-protocol.ts';

/** Beyond that the sender that was added first is forgotten: frames of it that came before would be taken again. */
const maxOpeners = 4_096;

/** Every track of a room, on its way through. */
export class FramePipes {
  readonly keys = new KeyRing();
  readonly #onProblem: (id: number, problem: DecryptionProblem | undefined) => void;
  readonly #openers = new Map<string, FrameOpener>();
  readonly #counts = { sealed: 0, opened: 0, withheld: 0, keyMissing: 0, notAuthentic: 0, replayed: 0 };

  constructor(onProblem: (id: number, problem: DecryptionProblem | undefined) => void) {
    this.#onProblem = onProblem;
  }

  get counts(): E2eeCounts {
    return { ...this.#counts };
  }

  /** Until the track ends. What cannot be sealed or opened is left out, and nothing passes as it is. */
  async run(pipe: Pipe, { readable, writable }: FrameStreams): Promise<void> {
    const change = pipe.direction === 'seal' ? this.#sealing(pipe) : this.#opening(pipe);
    const through = new TransformStream<EncodedFrame, EncodedFrame>({
      async transform(frame, controller) {
        const data = await change(new Uint8Array(frame.data)).catch(() => undefined);
        if (!data) return;
        frame.data = data.buffer;
        controller.enqueue(frame);
      },
    });
    // Its sender or receiver was closed.
    await readable
      .pipeThrough(through)
      .pipeTo(writable)
      .catch(() => {});
  }

  #sealing({ kind, scope }: Pipe) {
    const sealer = new FrameSealer({ kind, scope, keys: this.keys });
    return async (frame: Uint8Array) => {
      const sealed = await sealer.seal(frame);
      this.#counts[sealed ? 'sealed' : 'withheld'] += 1;
      return sealed;
    };
  }

  #opening({ id, kind, scope }: Pipe) {
    const opener = this.#openerOf({ kind, scope });
    const watch = new DecryptionWatch();
    return async (frame: Uint8Array) => {
      const opened = await opener.open(frame);
      const isOpen = 'frame' in opened;
      this.#counts[isOpen ? 'opened' : opened.refusal] += 1;
      const isNews = isOpen ? watch.opened() : watch.refused(opened.refusal, performance.now());
      if (isNews) this.#onProblem(id, watch.problem);
      return isOpen ? opened.frame : undefined;
    };
  }

  #openerOf({ kind, scope }: Pick<Pipe, 'kind' | 'scope'>): FrameOpener {
    const name = JSON.stringify([scope.peerId, scope.source]);
    const opener = this.#openers.get(name) ?? new FrameOpener({ kind, scope, keys: this.keys });
    this.#openers.set(name, opener);
    const [oldest] = this.#openers.keys();
    if (this.#openers.size > maxOpeners && oldest !== undefined) this.#openers.delete(oldest);
    return opener;
  }
}
