import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { runProgram } from './program.ts';

const example = 'docs/examples/dial-plan.yaml';

async function run(...args: readonly string[]) {
  let [stdout, stderr] = ['', ''];
  const code = await runProgram(['sip', 'plan', ...args], {
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
    env: {},
  });
  return { code, stdout, stderr };
}

async function planFile(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'plan-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'plan.yaml');
  await writeFile(file, text);
  return file;
}

test('check says that a plan can be used, or all that is wrong with it', async () => {
  expect(await run('check', example)).toEqual({
    code: undefined,
    stdout: `✓ ${example} can be used. It has users: 2, trunks: 2, rules: 6\n`,
    stderr: '',
  });
  const file = await planFile('relm: x\nusers: 5\n');
  expect(await run('check', file)).toEqual({
    code: 1,
    stdout: '',
    stderr: [
      '✗ The dial plan has 2 problems:',
      '  - relm is not known: did you mean realm?   (plan.yaml:1)',
      '  - users must be a list   (plan.yaml:2)',
      '',
      '  docs/dial-plan.md explains every field.',
      '',
    ].join('\n'),
  });
});

test('check warns of PINs that callers of a trunk could guess, and the plan can be used', async () => {
  const file = await planFile(
    'trunks: [{ name: p, inbound: { addresses: 10.0.0.1 } }]\nrules: [{ name: meet, pin: { rooms: [{ pin: 4839, room: r }] } }]',
  );
  const { code, stdout } = await run('check', file);
  expect(code).toBeUndefined();
  expect(stdout).toContain('! rule meet has a PIN of fewer than 6 digits, and callers of trunk p may guess');
  expect(stdout).not.toContain('4839');
});

test('check of no plan, or of one that is not there, says what to do', async () => {
  expect((await run('check')).stderr).toContain('sip.planFile is empty');
  expect((await run('check', '/nowhere.yaml')).stderr).toContain('Name a file that can be read');
  expect((await run('check', '--set', `sip.planFile=${example}`)).code).toBeUndefined();
});

test('check --print prints a plan without its secrets', async () => {
  const { stdout } = await run('check', example, '--print');
  expect(stdout).toContain('password: (secret)');
  expect(stdout).not.toMatch(/change-this|483920/);
});

test('explain says what a call leads to, with every step', async () => {
  const at = (...args: readonly string[]) => run('explain', ...args, '--file', example);
  expect(
    (await at('0891234567', '--user', 'ann')).stdout.split('\n').map((line) => line.replace(/ {2,}/g, ' ')),
  ).toEqual([
    '0891234567 from a phone of ann',
    '',
    ' · number 0891234567 is +49891234567 by the numbers of the plan',
    ' · rule all hands +49891234567 is not one of its numbers',
    ' · rule conferences +49891234567 is not one of its numbers',
    ' · rule conferences from outside it is for trunk provider',
    ' · rule door bell it is for trunk door',
    ' · rule nobody hidden it is for trunk provider',
    ' ✓ rule outside line +49891234567 begins with +: dials +49891234567 by provider',
    ' ✓ trunk provider its limits let it, for 0.01 a minute',
    ' ✓ target sip:sip1.provider.example;transport=tcp it is tried',
    ' ✓ target sip:sip2.provider.example it is tried',
    '',
    'It dials +49891234567, if a trunk takes it.',
    '',
  ]);
  const denied = await at('0900 12345', '--user', 'ann');
  expect(denied.stdout).toContain('numbers that begin with +49900 are denied: 403');
  const outside = await at('+4930123456999', '--from', '198.51.100.7', '--header', 'X-Customer: acme');
  expect(outside.stdout).toContain('from 198.51.100.7, by the trunk provider');
  expect(outside.stdout).toContain('It is asked for the PIN of one of 2 rooms, after it is answered.');
  expect(outside.stdout).not.toContain('483920');
  expect((await at('8123', '--user', 'ann')).stdout).toContain('It enters the room conf-8123 as ann, Ann Example.');
  expect((await at('100', '--from', '192.0.2.1')).stdout).toContain('It is refused with 403 Forbidden.');
});

test('explain for a user or trunk that is none names those that there are', async () => {
  const { code, stderr } = await run('explain', '1', '--trunk', 'provder', '--file', example);
  expect(code).toBe(1);
  expect(stderr).toContain('The plan has no trunk provder.');
  expect(stderr).toContain('It has provider, door.');
});

test('what the other side wrote does not reach the terminal as it is', async () => {
  const { stdout } = await run('explain', '1\u001b[2J', '--user', 'ann', '--file', example);
  expect(stdout).not.toContain('\u001b');
});
