import { describe, expect, test } from 'vitest';
import { Allotment } from './allotment.ts';

function createThings(limit: number) {
  const closed: string[] = [];
  const allotment = new Allotment<{ id: string; engine: { close(): void } }>({
    limit,
    what: 'things',
    notFound: 'CONSUMER_NOT_FOUND',
    idName: 'consumerId',
  });
  const make = (id: string, options: { wanted?: () => void; create?: () => Promise<void> } = {}) =>
    allotment.make({
      create: async () => {
        await options.create?.();
        return { id, engine: { close: () => closed.push(id) } };
      },
      requireWanted: options.wanted ?? (() => {}),
      admit: () => {},
    });
  return { allotment, make, closed };
}

describe('an allotment', () => {
  test('finds its own objects and says of all others that they are not there', async () => {
    const { allotment, make } = createThings(2);
    const made = await make('a');
    expect(allotment.require('a')).toBe(made);
    expect(() => allotment.require('b')).toThrow(
      expect.objectContaining({ reason: 'CONSUMER_NOT_FOUND', details: { consumerId: 'b' } }),
    );
  });

  test('counts what is being made, and gives the place back when making fails', async () => {
    const { make } = createThings(1);
    let fail: (error: Error) => void = () => {};
    const failing = make('a', {
      create: () =>
        new Promise((_, reject) => {
          fail = reject;
        }),
    });
    await expect(make('b')).rejects.toMatchObject({ reason: 'TOO_MANY_MEDIA_OBJECTS', details: { limit: 1 } });
    fail(new Error('refused'));
    await expect(failing).rejects.toThrow('refused');
    await expect(make('c')).resolves.toMatchObject({ id: 'c' });
  });

  test('closes what nobody wants any more when it is made', async () => {
    const { allotment, make, closed } = createThings(1);
    const wanted = () => {
      throw new Error('gone');
    };
    await expect(make('a', { wanted })).rejects.toThrow('gone');
    expect(closed).toEqual(['a']);
    expect(allotment.size).toBe(0);
  });

  test('gives the reason of who went before the engine’s own', async () => {
    const { make } = createThings(1);
    const wanted = () => {
      throw new Error('the peer left');
    };
    const create = () => Promise.reject(new Error('handler with ID 7 not found'));
    await expect(make('a', { wanted, create })).rejects.toThrow('the peer left');
  });
});
