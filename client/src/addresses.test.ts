import { describe, expect, it } from 'vitest';
import { Addresses } from './addresses.ts';

describe('Addresses', () => {
  it('begins with the first and goes round', () => {
    const addresses = new Addresses(['ws://a/ws', 'ws://b/ws']);
    const seen = Array.from({ length: 3 }, () => {
      const { current } = addresses;
      addresses.next();
      return current;
    });
    expect(seen).toEqual(['ws://a/ws', 'ws://b/ws', 'ws://a/ws']);
  });

  it('goes where it is told once, and on from where it was', () => {
    const addresses = new Addresses(['ws://a/ws', 'ws://b/ws']);
    addresses.suggest('ws://c/ws');
    expect(addresses.current).toBe('ws://a/ws');
    addresses.next();
    expect(addresses.current).toBe('ws://c/ws');
    addresses.next();
    expect(addresses.current).toBe('ws://b/ws');
  });

  it('has one key in whatever order they are named, and that of a single address is the address', () => {
    expect(new Addresses(['ws://b/ws', 'ws://a/ws']).key).toBe(new Addresses(['ws://a/ws', 'ws://b/ws']).key);
    expect(new Addresses(['ws://a/ws']).key).toBe('ws://a/ws');
  });

  it('refuses an empty list, and the same address twice', () => {
    expect(() => new Addresses([])).toThrow('no address');
    expect(() => new Addresses(['ws://a/ws', 'ws://a/ws'])).toThrow('twice');
  });
});
