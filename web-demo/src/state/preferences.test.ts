import { describe, expect, test } from 'vitest';
import { createPreferences, parsePreferences } from './preferences.ts';

function memoryStorage(): Pick<Storage, 'getItem' | 'setItem'> {
  const items = new Map<string, string>();
  return { getItem: (key) => items.get(key) ?? null, setItem: (key, value) => void items.set(key, value) };
}

describe('createPreferences()', () => {
  test('what was chosen is there at the next visit', () => {
    const storage = memoryStorage();
    createPreferences(storage).update({ name: 'Ada', cameraOn: false });
    expect(createPreferences(storage).current.value).toMatchObject({
      name: 'Ada',
      cameraOn: false,
      microphoneOn: true,
    });
  });

  test('a browser that keeps nothing does not disturb', () => {
    const refusing = {
      getItem(): string {
        throw new Error('denied');
      },
      setItem(): void {
        throw new Error('full');
      },
    };
    for (const storage of [undefined, refusing]) {
      const preferences = createPreferences(storage);
      preferences.update({ name: 'Ben' });
      expect(preferences.current.value.name).toBe('Ben');
    }
  });

  test('what is broken or not ours is replaced by its default', () => {
    for (const text of ['', '{', 'null', '[]', '"x"', '{"name":7,"cameraOn":"no"}']) {
      expect(parsePreferences(text)).toMatchObject({ name: '', cameraOn: true, shortcuts: true });
    }
    expect(parsePreferences(JSON.stringify({ name: 'x'.repeat(1_000) })).name).toHaveLength(64);
  });
});
