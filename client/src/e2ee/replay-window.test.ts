import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ReplayWindow, windowFrames } from './replay-window.ts';

test('takes each counter once, those within the window at any time and none behind it', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(3 * windowFrames), { maxLength: 400 }), (counters) => {
      const window = new ReplayWindow();
      const taken = new Set<number>();
      let newest = -1;
      for (const counter of counters) {
        const expected = counter > newest || (counter > newest - windowFrames && !taken.has(counter));
        expect(window.isNew(counter)).toBe(expected);
        if (!expected) continue;
        window.accept(counter);
        taken.add(counter);
        newest = Math.max(newest, counter);
      }
    }),
  );
});
