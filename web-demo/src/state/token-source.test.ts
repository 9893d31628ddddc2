import { describe, expect, test } from 'vitest';
import { createTokenSource, toGuestName, tokenOfHash } from './token-source.ts';

const request = { name: 'Ada', room: 'standup', moderator: false, given: '' };

interface Answer {
  readonly status: number;
  readonly body: object;
}

/** A server that gives these answers one after the other, and keeps what it was asked. */
function answering(...answers: readonly Answer[]) {
  const asked: Record<string, unknown>[] = [];
  const fetcher: typeof fetch = async (_, init) => {
    asked.push(JSON.parse(String(init?.body)));
    const { status, body } = answers[asked.length - 1]!;
    return Response.json(body, { status });
  };
  return { asked, fetcher };
}

function guest(token: string): Answer {
  return { status: 201, body: { token, identity: 'guest-abc' } };
}

function memory(): Pick<Storage, 'getItem' | 'setItem'> {
  const items = new Map<string, string>();
  return { getItem: (key) => items.get(key) ?? null, setItem: (key, value) => void items.set(key, value) };
}

describe('createTokenSource()', () => {
  test('the first token is asked for once, later ones are fresh', async () => {
    const { asked, fetcher } = answering(guest('one'), guest('two'));
    const source = createTokenSource(request, { fetcher });
    expect([await source.first(), await source.next(), await source.next()]).toEqual(['one', 'one', 'two']);
    expect(asked[0]).toEqual({ name: 'Ada', room: 'standup', moderator: false });
  });

  test('a guest asks for further tokens as the same guest', async () => {
    const { asked, fetcher } = answering(guest('one'), guest('two'));
    const kept = memory();
    await createTokenSource(request, { fetcher, memory: kept }).first();
    await createTokenSource(request, { fetcher, memory: kept }).first();
    expect(asked.map(({ identity }) => identity)).toEqual([undefined, 'guest-abc']);
  });

  test('a given token is used without asking the server', async () => {
    const { asked, fetcher } = answering();
    const source = createTokenSource({ ...request, given: 'mine' }, { fetcher });
    expect([await source.first(), await source.next(), await source.next()]).toEqual(['mine', 'mine', 'mine']);
    expect(asked).toEqual([]);
  });

  test.each([401, 403, 404, 405])('a server that answers %i lets no guests in', async (status) => {
    const { fetcher } = answering({ status, body: {} });
    await expect(createTokenSource(request, { fetcher }).first()).rejects.toMatchObject({
      reason: 'GUESTS_NOT_ALLOWED',
    });
  });

  test('another refusal is passed on with its reason', async () => {
    const { fetcher } = answering({ status: 429, body: { error: { reason: 'RATE_LIMITED', message: 'Too many.' } } });
    await expect(createTokenSource(request, { fetcher }).first()).rejects.toMatchObject({
      reason: 'RATE_LIMITED',
      message: 'Too many.',
    });
  });
});

test('tokenOfHash() finds the token of a link', () => {
  expect(tokenOfHash('#token=a.b.c')).toBe('a.b.c');
  expect(tokenOfHash('#x=1&token=%20a ')).toBe('a');
  expect(tokenOfHash('')).toBe('');
});

test('toGuestName() keeps what fits, and no half letters', () => {
  expect(toGuestName('  Ada ')).toBe('Ada');
  expect(toGuestName('é'.repeat(40))).toBe('é'.repeat(32));
  expect(toGuestName(`${'a'.repeat(60)}👩‍🚀`)).toBe('a'.repeat(60));
});
