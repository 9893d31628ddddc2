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

  it('knows where to go from where it is: where it is wished first, then on, and nowhere else than there is', () => {
    const addresses = new Addresses(['ws://a/ws', 'ws://b/ws', 'ws://c/ws']);
    expect(addresses.elsewhere()).toEqual(['ws://b/ws', 'ws://c/ws']);
    expect(addresses.elsewhere('ws://c/ws')).toEqual(['ws://c/ws', 'ws://b/ws']);
    addresses.wentTo('ws://d/ws');
    expect([addresses.current, addresses.elsewhere()]).toEqual(['ws://d/ws', ['ws://b/ws', 'ws://c/ws', 'ws://a/ws']]);
    addresses.wentTo('ws://c/ws');
    expect([addresses.current, addresses.elsewhere()]).toEqual(['ws://c/ws', ['ws://a/ws', 'ws://b/ws']]);
    expect(new Addresses(['ws://a/ws']).elsewhere()).toEqual(['ws://a/ws']);
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
