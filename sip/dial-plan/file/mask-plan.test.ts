import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { maskPlan } from './mask-plan.ts';

test('no secret of a plan is in what is printed of it, and all the rest is', () => {
  const example = readFileSync(new URL('../../../docs/examples/dial-plan.yaml', import.meta.url), 'utf8');
  const masked = maskPlan(example);
  for (const secret of ['change-this', '0123456789abcdef', '483920', '771204', '#'])
    expect(masked).not.toContain(secret);
  for (const rest of ['Ann Example', '+4930123456999', 'room: board', '"{called}"', 'calledPattern: 8XXX'])
    expect(masked).toContain(rest);
});

test('a password that stands elsewhere, or in a comment, is masked too', () => {
  const masked = maskPlan(
    'users:\n  # hunter3\n  - { identity: a, password: &p hunter2 } # hunter4\n  - { identity: b, password: *p }',
  );
  expect(masked).not.toContain('hunter');
});
