// Why a camera, a microphone or a screen could not be had: https://www.w3.org/TR/mediacapture-streams/#dom-mediadevices-getusermedia

import type { Explanation } from './explanation.ts';

export type DeviceKind = 'camera' | 'microphone' | 'camera and microphone' | 'screen';

/** Thrown in place of a DOMException where the browser says nothing. */
export type DeviceProblem = 'insecure-context' | 'no-devices-api' | 'ended';

export class DeviceError extends Error {
  readonly problem: DeviceProblem;

  constructor(problem: DeviceProblem) {
    super(problem);
    this.name = 'DeviceError';
    this.problem = problem;
  }
}

export function explainDevice(kind: DeviceKind, error: unknown): Explanation {
  if (error instanceof DeviceError) return problems[error.problem](kind);
  switch (error instanceof Error ? error.name : '') {
    case 'NotAllowedError':
    case 'SecurityError':
      return denied(kind, error instanceof Error ? error.message : '');
    case 'NotFoundError':
      return {
        title: `No ${kind} was found`,
        advice: kind === 'screen' ? 'There is nothing to share.' : 'Plug one in and try again, or join without it.',
      };
    case 'NotReadableError':
    case 'AbortError':
      return {
        title: `The ${kind} is used by another program`,
        advice: kind === 'screen' ? 'Try again, or share another window.' : 'Close that program and try again.',
      };
    case 'OverconstrainedError':
      return { title: `That ${kind} is not there any more`, advice: 'Choose another one.' };
    default:
      return { title: `The ${kind} did not start`, advice: 'Try again, or choose another one.' };
  }
}

/** Whether both failures are one thing to a person, as when the browser denied camera and microphone at once. */
export function isSharedFailure(one: unknown, other: unknown): boolean {
  if (one instanceof DeviceError && other instanceof DeviceError) {
    return one.problem === other.problem && one.problem !== 'ended';
  }
  return isDenial(one) && isDenial(other);
}

function isDenial(error: unknown): boolean {
  return error instanceof Error && (error.name === 'NotAllowedError' || error.name === 'SecurityError');
}

function denied(kind: DeviceKind, message: string): Explanation {
  if (kind === 'screen') {
    return {
      title: 'Your screen is not shared',
      advice: 'The browser was not allowed to. Try again to choose what to share.',
    };
  }
  if (/system/i.test(message)) {
    return {
      title: `The system keeps the ${kind} from the browser`,
      advice: `Allow the browser to use the ${kind} in the privacy settings of your system.`,
    };
  }
  return {
    title: `The browser keeps the ${kind} from this page`,
    advice: `Allow the ${kind} in the browser’s address bar, then try again. You can also join without it.`,
  };
}

const problems: Readonly<Record<DeviceProblem, (kind: DeviceKind) => Explanation>> = {
  'insecure-context': (kind) => ({
    title: `For ${kind}, this page must be opened securely`,
    advice:
      'This page came over plain HTTP. Open it over HTTPS, or on localhost. You can join to watch, listen and write.',
  }),
  'no-devices-api': (kind) => ({
    title: `This browser gives pages no ${kind}`,
    advice: 'A current Chrome, Edge, Firefox or Safari does. You can join to watch, listen and write.',
  }),
  ended: (kind) => ({
    title: `The ${kind} was disconnected`,
    advice: 'Plug it in again or choose another one.',
  }),
};
