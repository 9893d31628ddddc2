import { expect, test } from 'vitest';
import { Roster, type RosterMember } from './roster.ts';

function createRoster(size: number) {
  const roster = new Roster<RosterMember>();
  const members = Array.from({ length: size }, (_, index) => ({
    id: `p_${index + 1}`,
    identity: index % 2 === 0 ? 'even' : 'odd',
    joinIndex: index + 1,
  }));
  for (const member of members) roster.add(member);
  return { roster, members };
}

/** Pages of so many. */
const upTo = (size: number) => {
  let left = size;
  return () => left-- > 0;
};

const indexesOf = (members: readonly RosterMember[]) => members.map((member) => member.joinIndex);

test('page() of an empty roster is the last page', () => {
  const { members } = createRoster(1);
  const roster = new Roster<RosterMember>();
  expect(roster.page({ after: 0, takes: upTo(10), except: members[0]! })).toEqual({
    members: [],
    nextAfter: undefined,
  });
});

test('page() gives everyone but the caller once, in the order of joining', () => {
  const { roster, members } = createRoster(10);
  const seen: number[] = [];
  let after: number | undefined = 0;
  while (after !== undefined) {
    const page = roster.page({ after, takes: upTo(4), except: members[4]! });
    seen.push(...indexesOf(page.members));
    after = page.nextAfter;
  }
  expect(seen).toEqual([1, 2, 3, 4, 6, 7, 8, 9, 10]);
});

test('page() does not promise another page when only the caller is behind it', () => {
  const { roster, members } = createRoster(5);
  expect(roster.page({ after: 0, takes: upTo(4), except: members[4]! }).nextAfter).toBeUndefined();
});

test('page() goes on behind a member that has left meanwhile', () => {
  const { roster, members } = createRoster(6);
  const first = roster.page({ after: 0, takes: upTo(2), except: members[5]! });
  expect(first.nextAfter).toBe(2);
  roster.remove(members[1]!);
  roster.remove(members[2]!);
  expect(indexesOf(roster.page({ after: 2, takes: upTo(10), except: members[5]! }).members)).toEqual([4, 5]);
});

test('page() that takes nobody goes on where it began', () => {
  const { roster, members } = createRoster(5);
  const request = { takes: upTo(0), except: members[4]! };
  expect(roster.page({ ...request, after: 0 })).toEqual({ members: [], nextAfter: 0 });
  expect(roster.page({ ...request, after: 2 })).toEqual({ members: [], nextAfter: 2 });
  expect(roster.page({ ...request, after: 4 })).toEqual({ members: [], nextAfter: undefined });
});

test('remove() takes out that member and nobody else, once', () => {
  const { roster, members } = createRoster(5);
  roster.remove(members[2]!);
  roster.remove(members[2]!);
  expect(indexesOf(roster.members)).toEqual([1, 2, 4, 5]);
  expect(roster.size).toBe(4);
  expect(roster.get('p_3')).toBeUndefined();
  expect(roster.get('p_4')).toBe(members[3]);
});

test('ofIdentity() finds all peers of one person', () => {
  const { roster } = createRoster(5);
  expect(indexesOf(roster.ofIdentity('odd'))).toEqual([2, 4]);
  expect(roster.ofIdentity('nobody')).toEqual([]);
});
