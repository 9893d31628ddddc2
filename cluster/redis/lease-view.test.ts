import { expect, test } from 'vitest';
import { Emitter } from '../../core/events.ts';
import type { LeaseEvents } from '../directory.ts';
import { nodeInfo } from '../testing/node-info.ts';
import type { BeatAnswer } from './beat-answer.ts';
import { LeaseView } from './lease-view.ts';

const leaseMs = 10_000;

function open() {
  const events = new Emitter<LeaseEvents>(() => {});
  const told: string[] = [];
  for (const name of ['came', 'changed', 'died'] as const) events.on(name, ({ life }) => told.push(`${name} ${life}`));
  const view = new LeaseView(events, leaseMs);
  const read = (lives: Readonly<Record<string, number>>, { nowMs = 0, dead = [] as string[], rooms = 0 } = {}) => {
    const leases = Object.entries({ own: leaseMs, ...lives }).map(([life, leftMs]) => ({
      life,
      expires: String(1_000_000 + nowMs + leftMs),
      info: JSON.stringify(nodeInfo(life, { rooms })),
    }));
    const answer: BeatAnswer = {
      ...{ id: 'set', beat: 1, nowMs: 1_000_000 + nowMs, reset: false, unswept: [] },
      lives: leases,
      dead,
    };
    return view.read('own', answer, nowMs);
  };
  return { view, told, read };
}

test('who is seen with a lease came, and changes are told when there are any', () => {
  const { view, told, read } = open();
  expect(read({ a: leaseMs })).toEqual([]);
  read({ a: leaseMs });
  read({ a: leaseMs }, { rooms: 1 });
  expect(told).toEqual(['came a', 'changed a']);
  expect(view.others.get('a')?.rooms).toBe(1);
});

test('who is seen without a lease never came, and is to be buried with the lease that was read', () => {
  const { told, read } = open();
  expect(read({ long: -1 })).toEqual([{ life: 'long', seen: '999999' }]);
  expect(told).toEqual([]);
});

test('a death is told once, by whichever way it is heard; who died before is no news', () => {
  const { view, told, read } = open();
  read({ a: leaseMs, b: leaseMs }, { dead: ['before'] });
  view.heardOfDeath('a');
  read({ b: leaseMs }, { dead: ['before', 'a'] });
  read({}, { dead: ['before', 'a', 'b'] });
  view.heardOfDeath('b');
  expect(told).toEqual(['came a', 'came b', 'died a', 'died b']);
  expect(view.others.size).toBe(0);
});

test('who is dead and has a lease again is buried again, and does not come', () => {
  const { view, told, read } = open();
  read({ a: leaseMs });
  view.heardOfDeath('a');
  expect(read({ a: leaseMs })).toEqual([{ life: 'a', seen: '*' }]);
  expect(told).toEqual(['came a', 'died a']);
});

test('who is in a room and has no lease has one to begin to beat, and is dead then', () => {
  const { view, told, read } = open();
  view.met('ghost');
  view.met('slow');
  expect(read({})).toEqual([]);
  expect(read({ slow: leaseMs }, { nowMs: 9_000 })).toEqual([]);
  expect(read({ slow: leaseMs }, { nowMs: 10_000 })).toEqual([{ life: 'ghost', seen: '' }]);
  view.heardOfDeath('ghost');
  expect(read({ slow: leaseMs }, { nowMs: 30_000 })).toEqual([]);
  expect(told).toEqual(['came slow', 'died ghost']);
});

test('who is dead and in a room after it was cleared away is cleared away again, once', () => {
  const { view, read } = open();
  read({ a: leaseMs });
  view.heardOfDeath('a');
  view.met('a');
  expect(read({}, { nowMs: 30_000 })).toEqual([]);
  view.met('a');
  expect(read({}, { nowMs: 32_000 })).toEqual([{ life: 'a', seen: '*' }]);
  expect(read({}, { nowMs: 34_000 })).toEqual([]);
});

test('who is missing, as all are after a reset, has a lease to beat again', () => {
  const { told, read } = open();
  read({ a: leaseMs, b: leaseMs });
  expect(read({}, { nowMs: 2_000 })).toEqual([]);
  expect(read({ a: leaseMs }, { nowMs: 4_000 })).toEqual([]);
  expect(read({ a: leaseMs }, { nowMs: 12_000 })).toEqual([{ life: 'b', seen: '' }]);
  // Missing once more it has as long again.
  expect(read({}, { nowMs: 14_000 })).toEqual([{ life: 'b', seen: '' }]);
  expect(told).toEqual(['came a', 'came b']);
});
