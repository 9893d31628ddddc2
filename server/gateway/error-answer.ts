import { codeNames } from '../../core/error-maps.ts';
import type { AppError, ErrorCode, ErrorDetails, ErrorReason } from '../../core/errors.ts';
import type { HttpAnswer } from './listener.ts';

/** A failure as clients see it, on HTTP and in the `data` of JSON-RPC errors. */
export interface ErrorBody {
  readonly reason: ErrorReason;
  readonly code: ErrorCode;
  readonly details: ErrorDetails;
  readonly retryAfterMs?: number;
}

export function toErrorBody({ reason, code, details, retryAfterMs }: AppError): ErrorBody {
  return { reason, code, details, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}

export function jsonAnswer(status: number, value: object, headers: Readonly<Record<string, string>> = {}): HttpAnswer {
  return {
    status,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      ...headers,
    },
    body: JSON.stringify(value),
  };
}

/** `{"error":{"code","reason","message","details",…}}` with the status of the error's code, and Retry-After where it is known. */
export function errorAnswer(error: AppError, headers: Readonly<Record<string, string>> = {}): HttpAnswer {
  const retryAfter =
    error.retryAfterMs === undefined ? undefined : { 'retry-after': String(Math.ceil(error.retryAfterMs / 1000)) };
  return jsonAnswer(
    statusOf(error),
    { error: { ...toErrorBody(error), message: error.message } },
    { ...retryAfter, ...headers },
  );
}

function statusOf({ code, reason, details }: AppError): number {
  // 429 tells one client to slow down; a server that is full is no fault of this one.
  if (reason === 'TOO_MANY_CONNECTIONS' && details['scope'] === 'server') return codeNames.UNAVAILABLE.http;
  return codeNames[code].http;
}
