import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../core/clock.ts';
import { startPhoneServer } from '../../test/support/phones/phone-server.ts';
import { requireOrSkip } from '../../test/support/require.ts';
import { startServer } from '../../test/support/start-server.ts';
import { runProgram } from '../cli/program.ts';
import { OperatorTokens } from '../cluster/operator-tokens.ts';

const secret = 'what the operators of this test sign with, and nobody else';
const plan = `trunks: [{ name: provider, outbound: { targets: 'sip:127.0.0.1:9', probeSeconds: 0 } }]`;
const listen = [
  { protocol: 'UDP', address: '127.0.0.1', port: 0, advertise: [], certFile: '', keyFile: '', caFile: '', origins: [] },
] as const;
const closed = { atMs: 1_700_000_000_000, day: '2023-11-14', because: 'it looks like fraud' };
const options = ['--set', 'identity.jwksUrl=https://example.org/keys.json', '--set', `cluster.secret=${secret}`];

async function run(...args: readonly string[]) {
  const written = { stdout: '', stderr: '' };
  const output = (name: keyof typeof written) => ({ write: (text: string) => (written[name] += text) });
  const code = await runProgram(['sip', 'plan', 'trunks', ...args, ...options], {
    stdout: output('stdout'),
    stderr: output('stderr'),
    env: {},
  });
  return { code, stdout: written.stdout, stderr: written.stderr.replaceAll(/\s+/g, ' ') };
}

describe.skipIf(!requireOrSkip('mediasoup'))('trunks of a server that runs', () => {
  test('are listed, and opened again, by operators alone', async () => {
    const server = await startPhoneServer(plan, { cluster: { secret } });
    const listed = await run('--url', server.url);
    expect(listed).toMatchObject({ code: undefined, stderr: '' });
    expect(listed.stdout).toBe('provider   0 calls now; today 0 minutes for 0.00\n  ✓ sip:127.0.0.1:9\n');
    expect((await run('--url', server.url, '--open', 'provider')).stdout).toBe(listed.stdout);
    const unknown = await run('--url', server.url, '--open', 'provder');
    expect(unknown.stderr).toContain('The dial plan has no trunk provder. → `parley sip plan trunks` lists them.');
    expect((await fetch(`${server.url}/api/v1/sip/trunks`)).status).toBe(401);
    const path = '/api/v1/sip/trunks/open?trunk=provider';
    const sign = (as: string) =>
      new OperatorTokens({ secret, clock: systemClock }).sign({ method: 'POST', path: as, body: new Uint8Array() });
    const ask = (as: string) =>
      fetch(`${server.url}${path}`, { method: 'POST', headers: { authorization: `Bearer ${sign(as)}` } });
    expect([(await ask('/api/v1/sip/trunks/open?trunk=other')).status, (await ask(path)).status]).toEqual([401, 200]);
  });

  test('are none where there is no plan', async () => {
    await using server = await startServer({ cluster: { secret } });
    expect((await run('--url', server.url)).stderr).toContain('sip.planFile names none');
  });

  test('stay closed over a restart, until somebody opens them', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'parley-trunks-'));
    onTestFinished(() => rm(dataDir, { recursive: true, force: true }));
    // As a process left it that was killed.
    const kept = { provider: { day: '2023-11-14', minutes: 7, micros: 0, closed } };
    await writeFile(join(dataDir, 'trunks.json'), JSON.stringify(kept));
    const planFile = join(dataDir, 'plan.yaml');
    await writeFile(planFile, plan);
    const sip = { enabled: true, listen, planFile, media: { listenIp: '127.0.0.1', threads: 1 } };
    await using server = await startServer({ sip, cluster: { secret } }, { dataDir });
    const { stdout } = await run('--url', server.url);
    expect(stdout).toContain('✗ closed since 2023-11-14T22:13:20.000Z: it looks like fraud');
    expect((await run('--url', server.url, '--open', 'provider')).stdout).not.toContain('closed');
  });
});
