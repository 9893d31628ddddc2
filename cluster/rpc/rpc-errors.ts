// Failures over gRPC: the status says the code, and the trailing metadata what was thrown.

import { Metadata, type ServiceError, type StatusObject, status } from '@grpc/grpc-js';
import { codeNames } from '../../core/error-maps.ts';
import { AppError, type ErrorReason, errorRegistry, toAppError } from '../../core/errors.ts';
import { decodeMessage, encodeMessage, toPlain } from '../../proto/binary.ts';

const errorKey = 'parley-error-bin';

interface ErrorMessage {
  readonly reason: string;
  readonly details: Readonly<Record<string, string>>;
  readonly retryAfterMs: number;
}

/** There was no answer in time: the node may be stopped, the network cut. */
export class MissedDeadline extends Error {}

export function toStatus(thrown: unknown): StatusObject {
  const error = toAppError(thrown);
  const { reason, code, message, retryAfterMs = 0 } = error;
  const details = Object.fromEntries(Object.entries(error.details).map(([key, value]) => [key, String(value)]));
  const metadata = new Metadata();
  metadata.set(errorKey, Buffer.from(encodeMessage('Error', { code, reason, message, details, retryAfterMs })));
  return { code: codeNames[code].grpc, details: message, metadata };
}

/** What the other node threw; NODE_UNREACHABLE where the call did not come to it; {@link MissedDeadline}. */
export function fromServiceError(error: ServiceError): AppError | MissedDeadline {
  const [told] = error.metadata.get(errorKey);
  if (told instanceof Uint8Array) return readTold(told) ?? unreachable(error);
  if (error.code === status.DEADLINE_EXCEEDED) return new MissedDeadline(error.details);
  return unreachable(error);
}

export function unreachable(cause?: unknown): AppError {
  return new AppError('NODE_UNREACHABLE', {}, { cause, retryAfterMs: 1_000 });
}

function readTold(bytes: Uint8Array): AppError | undefined {
  try {
    const { reason, details, retryAfterMs } = toPlain(decodeMessage('Error', bytes)) as ErrorMessage;
    // A later version may have reasons that this one does not know.
    if (!Object.hasOwn(errorRegistry, reason)) return undefined;
    return new AppError(reason as ErrorReason, details, retryAfterMs > 0 ? { retryAfterMs } : {});
  } catch {
    return undefined;
  }
}
