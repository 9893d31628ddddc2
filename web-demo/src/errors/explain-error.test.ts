import { ParleyError } from '@parley/client';
import { describe, expect, test } from 'vitest';
import { DeviceError, explainDevice, isSharedFailure } from './explain-device.ts';
import { explainClosed, explainLeft, explainWaiting } from './explain-ending.ts';
import { explainError } from './explain-error.ts';

function deviceFailure(name: string, message = ''): DOMException {
  return new DOMException(message, name);
}

describe('explainError()', () => {
  test('a full room says how many it holds', () => {
    const full = new ParleyError('ROOM_FULL', 'The room x is full: it holds 8.', {
      details: { room: 'x', limit: '8' },
    });
    expect(explainError(full)).toEqual({
      title: 'The room is full',
      advice: 'It holds 8 people. Try again when somebody has left.',
    });
  });

  test('a missing grant says what is not allowed', () => {
    const missing = (grant: string) => explainError(new ParleyError('GRANT_MISSING', '', { details: { grant } })).title;
    expect(missing('join')).toBe('Your token is not for this room');
    expect(missing('publish:video')).toBe('Your token does not let you show video in this room');
    expect(missing('unheard-of')).toBe('Your token does not allow this');
  });

  test('every refusal of a token is told as one', () => {
    for (const reason of ['TOKEN_SIGNATURE_INVALID', 'TOKEN_KEY_UNKNOWN', 'TOKEN_WRONG_AUDIENCE', 'TOKEN_UNSIGNED']) {
      expect(explainError(new ParleyError(reason, '')).title).toBe('The server refused your token');
    }
    expect(explainError(new ParleyError('TOKEN_EXPIRED', '')).title).toBe('Your token has expired');
  });

  test('a reason without a sentence says what the server said', () => {
    expect(explainError(new ParleyError('SOMETHING_NEW', 'The frobnicator is out')).advice).toBe(
      'The frobnicator is out.',
    );
  });

  test('what is not ours never shows its own words', () => {
    expect(explainError(new Error('undefined is not a function')).advice).not.toContain('undefined');
    expect(explainError('text').title).toBe('Something went wrong');
  });

  test('a server that cannot be reached is named', () => {
    expect(explainError(new TypeError('Failed to fetch')).title).toBe('The server cannot be reached');
  });
});

describe('explainDevice()', () => {
  test('each failure of getUserMedia has words of its own', () => {
    const names = ['NotAllowedError', 'NotFoundError', 'NotReadableError', 'OverconstrainedError', 'OddError'];
    const titles = names.map((name) => explainDevice('camera', deviceFailure(name)).title);
    expect(titles).toEqual([
      'The browser keeps the camera from this page',
      'No camera was found',
      'The camera is used by another program',
      'That camera is not there any more',
      'The camera did not start',
    ]);
  });

  test('a denial by the system sends to the system’s settings', () => {
    const error = deviceFailure('NotAllowedError', 'Permission denied by system');
    expect(explainDevice('microphone', error).advice).toContain('privacy settings of your system');
  });

  test('a page over plain HTTP says so', () => {
    expect(explainDevice('camera', new DeviceError('insecure-context')).advice).toContain('HTTPS');
  });

  test('a device that was pulled out says so', () => {
    expect(explainDevice('microphone', new DeviceError('ended')).title).toBe('The microphone was disconnected');
  });
});

describe('isSharedFailure()', () => {
  test('one denial of camera and microphone is told once, two different failures are told apart', () => {
    const denied = deviceFailure('NotAllowedError');
    expect(isSharedFailure(denied, deviceFailure('NotAllowedError'))).toBe(true);
    expect(isSharedFailure(denied, deviceFailure('NotFoundError'))).toBe(false);
    expect(isSharedFailure(new DeviceError('insecure-context'), new DeviceError('insecure-context'))).toBe(true);
    expect(isSharedFailure(new DeviceError('ended'), new DeviceError('ended'))).toBe(false);
  });
});

describe('endings', () => {
  test('a removal passes on what the moderator wrote', () => {
    expect(explainLeft({ reason: 'removed', explanation: 'Please stop.' }).advice).toBe('They wrote: “Please stop.”');
    expect(explainLeft({ reason: 'removed', explanation: '' }).advice).toContain('moderator lets you in again');
  });

  test('a stopping server is told from a lost connection', () => {
    expect(explainWaiting(new ParleyError('SERVER_DRAINING', ''))).toBe('The server is restarting.');
    expect(explainWaiting(undefined)).toBe('Connection lost.');
    expect(explainClosed(undefined).title).toBe('The call has ended');
  });
});
