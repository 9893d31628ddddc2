import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { AppError } from '../core/errors.ts';
import { createPinoLogger, type LogOptions } from './log-pino.ts';

function capture(options: Partial<LogOptions> = {}) {
  const output = new PassThrough();
  const log = createPinoLogger({ level: 'info', format: 'json', ...options }, output as unknown as NodeJS.WriteStream);
  return { log, read: () => String(output.read() ?? '') };
}

describe('the log', () => {
  test('writes one JSON object a line, with the fields that were bound', () => {
    const { log, read } = capture();
    log.child({ room: 'standup' }).info({ peer: 'p_1' }, 'peer joined');
    expect(JSON.parse(read())).toEqual({
      level: 'info',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      room: 'standup',
      peer: 'p_1',
      msg: 'peer joined',
    });
  });

  test('leaves out what is below its level', () => {
    const { log, read } = capture({ level: 'warn' });
    log.info({}, 'quiet');
    log.debug({}, 'quieter');
    expect(read()).toBe('');
  });

  test('tells an error with its reason and what caused it', () => {
    const { log, read } = capture();
    const error = new AppError('INTERNAL', {}, { cause: new Error('disk on fire') });
    log.error({ err: error }, 'call failed');
    expect(JSON.parse(read())).toMatchObject({ err: { reason: 'INTERNAL', cause: { message: 'disk on fire' } } });
    const text = capture({ format: 'text' });
    text.log.error({ err: error }, 'call failed');
    expect(text.read()).toContain('disk on fire');
  });

  test.each(['json', 'text'] as const)('never writes secrets, in %s', (format) => {
    const { log, read } = capture({ format });
    log.info({ token: 'hunter2', request: { authorization: 'hunter2', headers: { cookie: 'hunter2' } } }, 'request');
    const line = read();
    expect(line).not.toContain('hunter2');
    expect(line).toContain('[redacted]');
  });

  test.each(['json', 'text'] as const)('tells the last three digits of telephone numbers alone, in %s', (format) => {
    const { log, read } = capture({ format, level: 'debug' });
    const cause = new Error('nobody is called phone:+4930123456');
    const bound = log.child({ identity: 'phone:+4930123456' });
    bound.info({ startedBy: 'tel:+49-30-12-34-56', legs: [{ identity: 'tel:030123456' }] }, 'peer joined');
    bound.child({ room: 'lobby' }).error({ err: new AppError('INTERNAL', {}, { cause }) }, 'tel:+4930123456 is lost');
    const lines = read();
    expect(lines.match(/(?:phone|tel):…\d[\d-]*/g)).toHaveLength(format === 'json' ? 7 : 6);
    expect(lines).not.toMatch(/\+49|0123|12-34/);
    expect(lines).toContain('phone:…456');
  });

  test('leaves names that are no numbers as they are', () => {
    const { log, read } = capture();
    const fields = { identity: 'phone:Zk3_x', url: 'sip:127.0.0.1:5060', phone: 4_930_123_456, to: 'ann' };
    log.info(fields, 'phone: 3 of 200');
    expect(JSON.parse(read())).toMatchObject({ ...fields, msg: 'phone: 3 of 200' });
  });

  test('as text is one line for people, quoted where a value would be read as two', () => {
    const { log, read } = capture({ format: 'text' });
    log.info({ room: 'standup', name: 'Ada L.', peers: 2 }, 'room opened');
    expect(read()).toMatch(
      /^\d\d:\d\d:\d\d\.\d{3} info {2}room opened {2}room=standup {2}name="Ada L\." {2}peers=2\n$/,
    );
  });

  test('keeps line breaks of a value inside of its line', () => {
    const { log, read } = capture({ format: 'text' });
    log.info({ name: 'a\nerror forged' }, 'peer joined');
    expect(read().trimEnd().split('\n')).toHaveLength(1);
  });
});
