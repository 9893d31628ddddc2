import { expect, test } from 'vitest';
import { sharingGrants } from './shared-grants.ts';
import type { TokenVerifier } from './token-verifier.ts';

/** The token is the room that it grants. */
const verifier: TokenVerifier = {
  verify: async (room) => ({
    identity: 'ada',
    name: 'Ada',
    metadata: '',
    grants: [{ room, can: ['join', 'chat'] }],
    expiresAtMs: 1_000,
  }),
};

test('tokens that grant the same share what they grant, and others do not', async () => {
  const sharing = sharingGrants(verifier);
  const [one, same, other] = [await sharing.verify('a'), await sharing.verify('a'), await sharing.verify('b')];
  expect(same).toEqual(one);
  expect(same.grants).toBe(one.grants);
  expect(other.grants).toEqual([{ room: 'b', can: ['join', 'chat'] }]);
});

test('what is remembered is bounded, and nothing goes wrong beyond that', async () => {
  const sharing = sharingGrants(verifier, 2);
  for (const room of ['a', 'b', 'c', 'a', 'c']) {
    expect((await sharing.verify(room)).grants).toEqual([{ room, can: ['join', 'chat'] }]);
  }
});
