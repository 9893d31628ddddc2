import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { ParleyError, sdkError, sdkReasons, toParleyError } from './errors.ts';

describe('ParleyError', () => {
  it('of the SDK has a reason, a sentence and what caused it', () => {
    const cause = new TypeError('of the platform');
    expect(sdkError('MEDIA_UNSUPPORTED', cause)).toMatchObject({
      name: 'ParleyError',
      reason: 'MEDIA_UNSUPPORTED',
      message: sdkReasons.MEDIA_UNSUPPORTED,
      details: {},
      cause,
    });
  });

  it('toParleyError() keeps those that are some already', () => {
    const refusal = new ParleyError('ROOM_FULL', 'full');
    expect(toParleyError(refusal, 'CONNECTION_LOST')).toBe(refusal);
    expect(toParleyError('thrown text', 'CONNECTION_LOST')).toMatchObject({
      reason: 'CONNECTION_LOST',
      cause: 'thrown text',
    });
  });

  it('the README lists every reason of the SDK, and no other', async () => {
    const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
    const table = readme.slice(readme.indexOf('## Errors'));
    const listed = [...table.matchAll(/^\| `([A-Z0-9_]+)` *\| (.*?) *\|$/gm)].map(([, reason, text]) => [reason, text]);
    expect(listed).toEqual(Object.entries(sdkReasons));
  });
});
