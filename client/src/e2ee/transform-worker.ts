// The script of the worker: encrypts what is sent and decrypts what is received, beside the page's own work.

import { FramePipes } from './frame-pipes.ts';
import type { FrameStreams, FromWorker, Pipe, ToWorker } from './worker-protocol.ts';

interface TransformWorkerScope {
  /** https://www.w3.org/TR/webrtc-encoded-transform/#dom-dedicatedworkerglobalscope-onrtctransform */
  onrtctransform: ((event: { readonly transformer: FrameStreams & { readonly options: Pipe } }) => void) | null;
  onmessage: ((event: { readonly data: ToWorker }) => void) | null;
  postMessage(message: FromWorker): void;
}

const scope = globalThis as unknown as TransformWorkerScope;
const pipes = new FramePipes((id, problem) => scope.postMessage({ type: 'problem', id, problem }));

scope.onrtctransform = ({ transformer }) => void pipes.run(transformer.options, transformer);

scope.onmessage = ({ data }) => {
  if (data.type === 'pipe') void pipes.run(data.pipe, data.streams);
  else if (data.type === 'dropKey') pipes.keys.drop(data.index);
  else {
    if (data.type === 'setKey') {
      pipes.keys.set(data.secret);
      if (data.send) pipes.keys.sendWith(data.secret.index);
    }
    scope.postMessage({ type: 'done', request: data.request, counts: pipes.counts });
  }
};
