import { describe, expect, test } from 'vitest';
import { ContractViolation } from '../proto/read-message.ts';
import { codeNames } from './error-maps.ts';
import { AppError, type ErrorReason, errorRegistry, toAppError } from './errors.ts';

describe('the registry', () => {
  test.each(Object.entries(errorRegistry))('%s is written as reasons and sentences are', (reason, { text }) => {
    expect(reason).toMatch(/^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/);
    expect(text).toMatch(/[.!]$/);
    expect(text.replace(/\{[a-z]\w*\}/gi, '')).not.toMatch(/[{}]/);
  });

  test('no two reasons say the same', () => {
    const texts = Object.values(errorRegistry).map(({ text }) => text);
    expect(new Set(texts).size).toBe(texts.length);
  });
});

describe('the names of codes', () => {
  test('are those of gRPC, each number once from 1 to 16', () => {
    const numbers = Object.values(codeNames).map(({ grpc }) => grpc);
    expect(numbers.sort((a, b) => a - b)).toEqual(Array.from({ length: 16 }, (_, index) => index + 1));
  });

  test.each(Object.entries(codeNames))(
    '%s keeps to the ranges that each protocol leaves to applications',
    (_, names) => {
      expect(names.http).toBeGreaterThanOrEqual(400);
      expect(names.http).toBeLessThanOrEqual(599);
      expect(names.webSocketClose).toBeGreaterThanOrEqual(4000);
      expect(names.webSocketClose).toBeLessThanOrEqual(4999);
      const ofServer = names.jsonRpc <= -32000 && names.jsonRpc >= -32099;
      expect(ofServer || [-32600, -32601, -32602, -32603].includes(names.jsonRpc)).toBe(true);
    },
  );
});

describe('AppError', () => {
  test('finds out no stack for what was to be expected, and leaves those of others alone', () => {
    const { stackTraceLimit } = Error;
    expect(new AppError('STORE_BUSY').stack).not.toContain('errors.test');
    expect(new AppError('INTERNAL').stack).toContain('errors.test');
    expect(new Error('other').stack).toContain('errors.test');
    expect(Error.stackTraceLimit).toBe(stackTraceLimit);
  });

  test('fills the details into its text and keeps its cause apart', () => {
    const cause = new Error('inner');
    const error = new AppError('ROOM_FULL', { room: 'standup', limit: 2 }, { cause, retryAfterMs: 500 });
    expect(error.message).toBe('The room standup is full: it holds 2.');
    expect(error.code).toBe('RESOURCE_EXHAUSTED');
    expect(error.cause).toBe(cause);
    expect(error.retryAfterMs).toBe(500);
  });

  test('shows a detail that is missing, and fills each in only once', () => {
    expect(new AppError('ROOM_FULL', { room: '{limit}' }).message).toBe('The room {limit} is full: it holds {limit}.');
  });

  test('does not read what details inherit', () => {
    expect(new AppError('GRANT_MISSING').message).toContain('{grant}');
  });
});

describe('toAppError()', () => {
  test('leaves AppErrors as they are', () => {
    const error = new AppError('CONNECT_TIMEOUT');
    expect(toAppError(error)).toBe(error);
  });

  test('tells what broke the contract', () => {
    const error = toAppError(new ContractViolation('params.room', 'is missing'));
    expect(error.reason).toBe('BAD_REQUEST' satisfies ErrorReason);
    expect(error.message).toBe('params.room is missing.');
    expect(toAppError(new ContractViolation('', 'is not an object')).message).toBe('The message is not an object.');
  });

  test.each([new Error('secret detail'), 'secret detail', undefined, null, { secret: 'detail' }])(
    'hides anything else as INTERNAL: %s',
    (thrown) => {
      const error = toAppError(thrown);
      expect(error.reason).toBe('INTERNAL');
      expect(error.message).not.toContain('detail');
      if (thrown !== undefined) expect(error.cause).toBe(thrown);
    },
  );
});
