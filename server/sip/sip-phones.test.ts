import { describe, expect, test } from 'vitest';
import { startPhoneServer } from '../../test/support/phones/phone-server.ts';
import { planOfThree } from '../../test/support/phones/plan.ts';
import { startScriptedPhone } from '../../test/support/phones/scripted-phone.ts';
import { requireOrSkip } from '../../test/support/require.ts';
import { startServer } from '../../test/support/start-server.ts';
import { runProgram } from '../cli/program.ts';
import { sipPhonesPath } from '../http/sip-phones.ts';

const secret = 'what the operators of this test sign with, and nobody else';
const options = ['--set', 'identity.jwksUrl=https://example.org/keys.json', '--set', `cluster.secret=${secret}`];

async function run(...args: readonly string[]) {
  const written = { stdout: '', stderr: '' };
  const output = (name: keyof typeof written) => ({ write: (text: string) => (written[name] += text) });
  await runProgram(['sip', 'phones', ...args, ...options], {
    stdout: output('stdout'),
    stderr: output('stderr'),
    env: {},
  });
  return { stdout: written.stdout, stderr: written.stderr.replaceAll(/\s+/g, ' ') };
}

describe.skipIf(!requireOrSkip('mediasoup'))('phones of a server that runs', () => {
  test('are listed with where they are and until when, to operators alone', async () => {
    const server = await startPhoneServer(planOfThree, { cluster: { secret }, node: { name: 'one' } });
    const lines = async (...args: readonly string[]) =>
      (await run('--url', server.url, ...args)).stdout.split('\n').map((line) => line.trim().split(/ {2,}/));
    expect(await lines()).toEqual([['No phone is registered.'], ['']]);
    const { sip, port } = await startScriptedPhone(440);
    for (const user of ['ben', 'ann']) {
      await sip.register({
        registrar: `sip:127.0.0.1:${server.port}`,
        address: `sip:${user}@127.0.0.1:${server.port}`,
        contact: `sip:${user}@127.0.0.1:${port}`,
        expires: 600,
        credentials: { user, password: 'secret' },
      });
    }
    const rowOf = (user: string) => [
      user,
      'udp',
      `127.0.0.1:${port}`,
      expect.stringMatching(/^in (59\d|600) s$/),
      'one',
      'Parley',
    ];
    const heads = ['user', 'transport', 'address', 'expires', 'node', 'user agent'];
    expect(await lines()).toEqual([heads, rowOf('ann'), rowOf('ben'), ['']]);
    expect(await lines('--user', 'ben')).toEqual([heads, rowOf('ben'), ['']]);
    expect(await lines('--user', 'cy')).toEqual([['No phone is registered.'], ['']]);
    expect((await fetch(`${server.url}${sipPhonesPath}`)).status).toBe(401);
  });

  test('are none where there is no plan', async () => {
    await using server = await startServer({ cluster: { secret } });
    expect((await run('--url', server.url)).stderr).toContain('sip.planFile names none');
  });
});
