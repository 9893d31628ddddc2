import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { systemClock } from '../../core/clock.ts';
import { silentLogger } from '../../core/log.ts';
import { createConfig } from '../config.ts';
import { createVerifier } from '../identity/create-identity.ts';
import { version } from '../package-root.ts';
import { runProgram } from './program.ts';

const folder = mkdtempSync(join(tmpdir(), 'parley-cli-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs a command in this process, with an environment of its own. */
async function run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const written = { stdout: '', stderr: '' };
  const into = (name: 'stdout' | 'stderr') => ({
    write: (text: string) => {
      written[name] += text;
    },
  });
  const dataDir = join(folder, 'data');
  const terminal = { stdout: into('stdout'), stderr: into('stderr'), env: { PARLEY_DATA_DIR: dataDir, ...env } };
  const code = await runProgram(args, terminal);
  return { code: code ?? 0, ...written };
}

const secret = randomBytes(32).toString('base64url');
const keys = [{ kid: 'main', algorithm: 'HS256', secret, file: '' }] as const;

describe('parley', () => {
  test('says what there is, with examples', async () => {
    const [help, serveHelp, versionText] = await Promise.all([
      run(['--help']),
      run(['serve', '--help']),
      run(['--version']),
    ]);
    expect(help.code).toBe(0);
    for (const command of ['serve', 'token', 'config', 'doctor', 'export']) expect(help.stdout).toContain(command);
    expect(serveHelp.stdout).toContain('parley serve --dev');
    expect(versionText).toMatchObject({ code: 0, stdout: `${version}\n` });
  });

  test('names what was mistyped, and exits with 1', async () => {
    const [command, flag, set] = await Promise.all([
      run(['serv']),
      run(['serve', '--prot', '1']),
      run(['config', '--set', 'gateway.port']),
    ]);
    expect(command).toMatchObject({ code: 1, stderr: expect.stringContaining('Did you mean serve?') });
    expect(flag).toMatchObject({ code: 1, stderr: expect.stringContaining('Did you mean --port?') });
    expect(set).toMatchObject({ code: 1, stderr: expect.stringContaining('--set rooms.maxPeers=20') });
  });

  test('tells everything that is wrong with the configuration, without a stack', async () => {
    const { code, stderr } = await run(['serve', '--dev', '--port', '99999', '--host', '0.0.0.0'], {
      PARLEY_GATEWAY_PROT: '1',
    });
    expect(code).toBe(1);
    expect(stderr).toContain('3 problems');
    expect(stderr).toContain('gateway.port must be a whole number from 0 to 65535, not 99999   (--port)');
    expect(stderr).toContain('did you mean PARLEY_GATEWAY_PORT?');
    expect(stderr).toContain('gateway.host must be a loopback address');
    expect(stderr).not.toMatch(/\n\s+at /);
  });
});

describe('parley doctor', () => {
  test('tells what is broken with its mend, and exits with 1', async () => {
    const { code, stdout } = await run([
      'doctor',
      '--port',
      '0',
      '--set',
      'media.port=0',
      '--set',
      'media.workerBin=/nowhere/worker',
    ]);
    expect(code).toBe(1);
    expect(stdout).toMatch(/✗ Keys +No keys are configured/);
    expect(stdout).toMatch(/✗ Media worker +There is no media worker at \/nowhere\/worker/);
    expect(stdout).toContain('→ ');
    expect(stdout).toMatch(/2 broken/);
  });
});

describe('parley token', () => {
  test('prints a token that the server of the same configuration takes, and nothing else', async () => {
    const args = ['token', '--room', 'team-*', '--identity', 'ada', '--can', 'join,publish', '--ttl', '15m'];
    const { code, stdout, stderr } = await run(args, { PARLEY_IDENTITY_KEYS: JSON.stringify(keys) });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const verifier = createVerifier(createConfig({ identity: { keys } }), { clock: systemClock, log: silentLogger });
    const claims = await verifier.verify(stdout.trim());
    expect(claims).toMatchObject({ identity: 'ada', name: 'ada', grants: [{ room: 'team-*' }] });
    expect(claims.grants[0]?.can).toHaveLength(5);
    expect(claims.expiresAtMs - Date.now()).toBeLessThanOrEqual(15 * 60_000 + 5_000);
  });

  test('with --dev signs for a server that runs with --dev in the same folder', async () => {
    const { stdout } = await run(['token', '--dev', '--room', 'standup', '--identity', 'ada']);
    const config = createConfig({ dev: true, dataDir: join(folder, 'data') });
    const verifier = createVerifier(config, { clock: systemClock, log: silentLogger });
    expect((await verifier.verify(stdout.trim())).identity).toBe('ada');
  });

  test('names what is missing or wrong', async () => {
    const outcomes = await Promise.all([
      run(['token', '--room', 'standup', '--identity', 'ada']),
      run(['token', '--dev', '--room', 'standup']),
      run(['token', '--dev', '--room', 'standup', '--identity', 'ada', '--can', 'fly']),
      run(['token', '--dev', '--room', 'standup', '--identity', 'ada', '--ttl', '5']),
      run(['token', '--dev', '--room', 'two words', '--identity', 'ada']),
    ]);
    expect(outcomes.map(({ code }) => code)).toEqual([1, 1, 1, 1, 1]);
    const [noKey, noIdentity, grant, ttl, room] = outcomes.map(({ stderr }) => stderr);
    expect(noKey).toContain('no secret to sign a token with');
    expect(noIdentity).toContain("required option '--identity <identity>'");
    expect(grant).toContain('"fly" is not one of publish, join');
    expect(ttl).toContain('30s, 15m, 1h, 7d');
    expect(room).toContain('grants[0].room is not a room');
  });
});

describe('parley config', () => {
  test('prints what is in effect, where it comes from, and no secrets', async () => {
    const file = join(folder, 'parley.yaml');
    writeFileSync(file, `rooms: { maxPeers: 7 }\nidentity: { keys: [{ kid: main, secret: ${secret} }] }\n`);
    const { code, stdout } = await run(['config', '--config', file, '--port', '9'], {
      PARLEY_METRICS_TOKEN: 'scrape-secret',
    });
    expect(code).toBe(0);
    expect(stdout).not.toContain(secret);
    expect(stdout).not.toContain('scrape-secret');
    expect(stdout).toMatch(/^ {2}port: 9 +# --port$/m);
    expect(stdout).toMatch(/^ {2}maxPeers: 7 +# parley\.yaml:1$/m);
    expect(stdout).toMatch(/^ {2}token: \(secret\) +# PARLEY_METRICS_TOKEN$/m);
    expect(stdout).toMatch(/^ {2}host: 127\.0\.0\.1 +# default$/m);
    expect(parse(stdout)).toMatchObject({ gateway: { port: 9 }, identity: { keys: [{ kid: 'main' }] } });
  });

  test('--changed leaves the defaults out', async () => {
    const { stdout } = await run(['config', '--changed', '--set', 'gateway.allowedOrigins=https://a.example']);
    expect(parse(stdout)).toMatchObject({ gateway: { allowedOrigins: ['https://a.example'] } });
    expect(parse(stdout)).not.toHaveProperty('rooms');
  });

  test('what it prints without secrets can be read again, and means the same', async () => {
    const { stdout } = await run(['config', '--set', 'chat.allowGuests=true']);
    const file = join(folder, 'again.yaml');
    writeFileSync(file, stdout);
    const again = await run(['config', '--config', file]);
    expect(parse(again.stdout)).toEqual(parse(stdout));
  });
});
