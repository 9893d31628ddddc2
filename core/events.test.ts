import { describe, expect, test } from 'vitest';
import { Emitter } from './events.ts';

interface Events {
  opened: { room: string };
  closed: { reason: string };
}

function createEmitter() {
  const failures: { error: unknown; event: string }[] = [];
  const emitter = new Emitter<Events>((error, event) => failures.push({ error, event }));
  return { emitter, failures };
}

describe('Emitter', () => {
  test('calls listeners in the order in which they came, with the payload', () => {
    const { emitter } = createEmitter();
    const heard: string[] = [];
    emitter.on('opened', ({ room }) => heard.push(`first ${room}`));
    emitter.on('opened', ({ room }) => heard.push(`second ${room}`));
    emitter.emit('opened', { room: 'standup' });
    emitter.emit('closed', { reason: 'nobody listens' });
    expect(heard).toEqual(['first standup', 'second standup']);
  });

  test('goes on when a listener throws, and tells of it', () => {
    const { emitter, failures } = createEmitter();
    const heard: string[] = [];
    const error = new Error('broken');
    emitter.on('opened', () => {
      throw error;
    });
    emitter.on('opened', ({ room }) => heard.push(room));
    expect(() => emitter.emit('opened', { room: 'standup' })).not.toThrow();
    expect(heard).toEqual(['standup']);
    expect(failures).toEqual([{ error, event: 'opened' }]);
  });

  test('once() hears one event, even when the listener emits again', () => {
    const { emitter } = createEmitter();
    let calls = 0;
    emitter.once('opened', () => {
      calls += 1;
      if (calls < 5) emitter.emit('opened', { room: 'again' });
    });
    emitter.emit('opened', { room: 'standup' });
    emitter.emit('opened', { room: 'standup' });
    expect(calls).toBe(1);
  });

  test('those who unsubscribe hear nothing more, and unsubscribing twice does nothing', () => {
    const { emitter } = createEmitter();
    const heard: string[] = [];
    const unsubscribe = emitter.on('opened', ({ room }) => heard.push(room));
    unsubscribe();
    unsubscribe();
    emitter.emit('opened', { room: 'standup' });
    expect(heard).toEqual([]);
  });

  test('a listener that is added or removed while an event is emitted counts from the next one', () => {
    const { emitter } = createEmitter();
    const heard: string[] = [];
    const removeLast: { now?: () => void } = {};
    emitter.once('opened', () => {
      removeLast.now?.();
      emitter.on('opened', () => heard.push('added'));
    });
    removeLast.now = emitter.on('opened', () => heard.push('removed'));
    emitter.emit('opened', { room: 'one' });
    expect(heard).toEqual(['removed']);
    emitter.emit('opened', { room: 'two' });
    expect(heard).toEqual(['removed', 'added']);
  });
});
