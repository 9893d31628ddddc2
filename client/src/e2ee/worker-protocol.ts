// What the page and its worker say to each other. Secrets cross as keys that nobody can extract.

import type { DecryptionProblem, E2eeCounts } from './e2ee-api.ts';
import type { FrameKind } from './frame-format.ts';
import type { Secret, TrackScope } from './frame-keys.ts';

/** What is done to the frames of one sender or receiver. */
export interface Pipe {
  readonly id: number;
  readonly direction: 'seal' | 'open';
  readonly kind: FrameKind;
  readonly scope: TrackScope;
}

/** As both APIs of the platform hand them over. */
export interface FrameStreams {
  readonly readable: ReadableStream<EncodedFrame>;
  readonly writable: WritableStream<EncodedFrame>;
}

/** RTCEncodedVideoFrame or RTCEncodedAudioFrame. */
export interface EncodedFrame {
  data: ArrayBuffer;
}

export type ToWorker =
  | { readonly type: 'setKey'; readonly request: number; readonly secret: Secret; readonly send: boolean }
  | { readonly type: 'dropKey'; readonly index: number }
  | { readonly type: 'count'; readonly request: number }
  /** Where there is no RTCRtpScriptTransform. */
  | { readonly type: 'pipe'; readonly pipe: Pipe; readonly streams: FrameStreams };

export type FromWorker =
  | { readonly type: 'done'; readonly request: number; readonly counts: E2eeCounts }
  | { readonly type: 'problem'; readonly id: number; readonly problem: DecryptionProblem | undefined };
