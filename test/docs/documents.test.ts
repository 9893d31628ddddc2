// What documents name is there: pages, their headings, files of the code, options, plans, and what commands say.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { runProgram } from '../../server/cli/program.ts';
import { parseFileLayer } from '../../server/config/file-layer.ts';
import { packageRoot } from '../../server/package-root.ts';
import { readPlan } from '../../sip/dial-plan/file/read-plan.ts';

const read = (path: string) => readFileSync(join(packageRoot, path), 'utf8');
const isThere = (path: string) => existsSync(join(packageRoot, path));
const pages = [
  ...['README.md', 'ARCHITECTURE.md', 'CHANGELOG.md', 'CONTRIBUTING.md', 'SECURITY.md'],
  ...readdirSync(join(packageRoot, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .map((path) => `docs/${path}`),
];

/** As GitHub names headings in links. */
function anchorsOf(page: string): ReadonlySet<string> {
  const headings = [...read(page).matchAll(/^#+ (.*)$/gm)].map(([, text = '']) =>
    text.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1'),
  );
  const named = [...read(page).matchAll(/<a (?:id|name)="([^"]+)"/g)].map(([, id = '']) => id);
  return new Set([
    ...headings.map((text) =>
      text
        .trim()
        .toLowerCase()
        .replace(/[^\w\- ]/g, '')
        .replace(/ /g, '-'),
    ),
    ...named,
  ]);
}

function brokenLinks(page: string): readonly string[] {
  const links = [...read(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  return links.filter((target) => {
    if (/^(?:https?|mailto):/.test(target)) return false;
    const [path = '', anchor] = target.split('#');
    const file = path === '' ? page : normalize(join(dirname(page), path));
    if (!isThere(file)) return true;
    return anchor !== undefined && file.endsWith('.md') && !anchorsOf(file).has(anchor);
  });
}

test.each(pages)('the links of %s lead somewhere', (page) => {
  expect(brokenLinks(page)).toEqual([]);
});

test.each(pages)('the files that %s names are there', (page) => {
  const folders = 'core|proto|cluster|media|signaling|sip|server|client|web-demo|test|bench|scripts|deploy|docs';
  const named = [...read(page).matchAll(new RegExp(`\`((?:${folders})/[\\w./-]+)\``, 'g'))].map(
    ([, path = '']) => path,
  );
  expect(named.filter((path) => !isThere(path))).toEqual([]);
});

const blocksOf = (page: string, kind: string) =>
  [...read(page).matchAll(new RegExp(`^\`\`\`${kind}\\n(.*?)^\`\`\`$`, 'gms'))].map(([, text = '']) => text);

test.each(['docs/phones.md', 'docs/sip.md', 'docs/dial-plan.md', 'docs/clients/softphone.md'])(
  'the options in the examples of %s exist',
  (page) => {
    const examples = blocksOf(page, 'yaml').filter((text) => /^sip:/m.test(text));
    expect(examples).not.toEqual([]);
    for (const example of examples) expect(parseFileLayer(example, page).problems).toEqual([]);
  },
);

test('a call that comes round by a provider ends in each plan that is shown: its trunks have a limit of calls', () => {
  const [, first = ''] = blocksOf('docs/phones.md', 'yaml');
  for (const plan of [first, read('docs/examples/dial-plan.yaml')]) {
    const trunks = readPlan(plan, 'plan').trunks.filter(({ outbound }) => outbound !== undefined);
    expect(trunks).not.toEqual([]);
    for (const { limits } of trunks) expect(limits.calls).toBeGreaterThan(0);
  }
});

describe('docs/phones.md', () => {
  const page = 'docs/phones.md';

  test('has a plan that can be used, and says of it what the commands say', async () => {
    const [, plan = ''] = blocksOf(page, 'yaml');
    expect(() => readPlan(plan, page)).not.toThrow();
    const folder = await mkdtemp(join(tmpdir(), 'parley-documents-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const file = join(folder, 'dial-plan.yaml');
    await writeFile(file, plan);
    const commands = [...read(page).matchAll(/^npm run parley -- (sip plan .*?) +# (.*)$/gm)];
    expect(commands).toHaveLength(2);
    for (const [, command = '', said = ''] of commands) {
      const output = { stdout: '', stderr: '' };
      await runProgram([...command.trim().split(' '), '--set', `sip.planFile=${file}`], {
        stdout: { write: (text) => (output.stdout += text) },
        stderr: { write: (text) => (output.stderr += text) },
        env: {},
      });
      expect(output.stderr).toBe('');
      expect(output.stdout.replace(folder, '').replace('/dial-plan', 'dial-plan')).toContain(said);
    }
  });

  test('gives the phone the login, password and numbers of the plan', () => {
    const [, plan = ''] = blocksOf(page, 'yaml');
    const { users, trunks, rules } = readPlan(plan, page);
    const [user] = users;
    expect(read(page)).toContain(`auth_user=${user?.identity};auth_pass=${/password: ([\w-]+)/.exec(plan)?.[1]}`);
    expect(read(page)).toContain(`-i ${trunks[0]?.inbound?.addresses[0]} `);
    expect(rules[0]?.name).toBe('lobby');
  });
});
