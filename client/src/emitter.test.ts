import { once } from 'node:events';
import { expect, it } from 'vitest';
import { Emitter } from './emitter.ts';

interface TestEvents {
  changed: number;
}

it('a listener that unsubscribes itself does not keep the others from being told', () => {
  const emitter = new Emitter<TestEvents>();
  const heard: string[] = [];
  const unsubscribe = emitter.on('changed', () => {
    heard.push('first');
    unsubscribe();
  });
  emitter.on('changed', (value) => heard.push(`second ${value}`));
  emitter.emit('changed', 1);
  emitter.emit('changed', 2);
  expect(heard).toEqual(['first', 'second 1', 'second 2']);
});

it('a listener that throws is an uncaught error, and the others are told all the same', async () => {
  const others = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  try {
    const uncaught = once(process, 'uncaughtException');
    const emitter = new Emitter<TestEvents>();
    const heard: number[] = [];
    emitter.on('changed', () => {
      throw new Error('of the application');
    });
    emitter.on('changed', (value) => heard.push(value));
    emitter.emit('changed', 7);
    expect(heard).toEqual([7]);
    expect(await uncaught).toMatchObject([{ message: 'of the application' }, expect.anything()]);
  } finally {
    for (const listener of others) process.on('uncaughtException', listener);
  }
});
