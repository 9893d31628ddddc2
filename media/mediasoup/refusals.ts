// What mediasoup throws, in the words of the error registry.

import { AppError } from '../../core/errors.ts';
import { mediaUnavailable } from '../unavailable.ts';

/** What a failed call means when it is not the worker that is gone. */
type Refusal = (problem: string, cause: Error) => AppError;

export const rtpRefused: Refusal = (problem, cause) => new AppError('RTP_PARAMETERS_REFUSED', { problem }, { cause });
export const dtlsRefused: Refusal = (problem, cause) => new AppError('DTLS_PARAMETERS_REFUSED', { problem }, { cause });
export const cannotConsume: Refusal = (_, cause) => new AppError('CANNOT_CONSUME', {}, { cause });
export const dataRefused: Refusal = (problem, cause) => new AppError('DATA_REFUSED', { problem }, { cause });
/** For requests with nothing of a client in them. */
export const unavailable: Refusal = (_, cause) => mediaUnavailable(cause);

// Requests that name nothing but an object fail for one reason: the worker has closed it in the meantime.

export function producerGone(producerId: string): Refusal {
  return (_, cause) => new AppError('PRODUCER_NOT_FOUND', { producerId }, { cause });
}

export function consumerGone(consumerId: string): Refusal {
  return (_, cause) => new AppError('CONSUMER_NOT_FOUND', { consumerId }, { cause });
}

export function transportGone(transportId: string): Refusal {
  return (_, cause) => new AppError('TRANSPORT_NOT_FOUND', { transportId }, { cause });
}

/**
 * Runs a call to mediasoup. Its refusals come as TypeError, UnsupportedError or plain Error, thrown before or sent back
 * by the worker; a worker that is gone comes as InvalidStateError.
 */
export async function refusing<T>(call: () => Promise<T>, refusal: Refusal): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof Error) || error.name === 'InvalidStateError') throw mediaUnavailable(error);
    throw refusal(withoutMethod(error.message), error);
  }
}

/** The worker puts the name of its own method behind the reason, which says nothing to anybody else. */
export function withoutMethod(message: string): string {
  return message.replace(/ \[method:[^\]]*\]$/, '');
}
