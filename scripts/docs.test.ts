import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { parseFileLayer } from '../server/config/file-layer.ts';

const toPath = (name: string) => fileURLToPath(new URL(`../${name}`, import.meta.url));

test('the generated documents say what the code says', () => {
  const args = ['--import', 'tsx', toPath('scripts/docs.ts'), '--check'];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  expect(stderr).toBe('');
  expect(status).toBe(0);
});

test.each(['docs/operations.md', 'docs/configuration.md'])('the options in the examples of %s exist', (name) => {
  const blocks = [...readFileSync(toPath(name), 'utf8').matchAll(/```yaml\n(.*?)```/gs)].map(([, text]) => text ?? '');
  const examples = blocks.filter((text) => text.includes('gateway:'));
  expect(examples).not.toEqual([]);
  for (const example of examples) expect(parseFileLayer(example, name).problems).toEqual([]);
});
