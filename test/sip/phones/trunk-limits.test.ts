// What a trunk may carry, with phones that dial by it.

import { describe, expect, test } from 'vitest';
import { runProgram } from '../../../server/cli/program.ts';
import { dial, hangUp, registeredPhone, type TestPhone, tones } from '../../support/phones/phone.ts';
import { startPhoneServer } from '../../support/phones/phone-server.ts';
import { startScriptedPhone } from '../../support/phones/scripted-phone.ts';
import { requireOrSkip } from '../../support/require.ts';

const here = requireOrSkip('mediasoup') && requireOrSkip('baresip');
const secret = 'what the operators of this test sign with, and nobody else';

const planWith = (provider: number) => `
realm: phones.test
users:
  - { identity: ann, name: Ann, password: secret }
  - { identity: ben, name: Ben, password: secret }
trunks:
  - name: provider
    outbound: { targets: ['sip:127.0.0.1:${provider}'], probeSeconds: 0 }
    limits: { calls: 2, deny: [+49900] }
    fraud: { calls: 1, withinMinutes: 10 }
rules:
  - { name: out, when: { calledPrefix: '+', from: user }, number: '{called}' }
`;

const expensive = '+881600000';

async function refusedWith(phone: TestPhone, called: string): Promise<string> {
  const closed = () => phone.events.filter(({ type }) => type === 'CALL_CLOSED');
  const before = closed().length;
  await phone.command('dial', `sip:${called}@${phone.server}`);
  await phone.heard('CALL_CLOSED', before + 1);
  return closed().at(-1)?.param ?? '';
}

describe.skipIf(!here)('phones that dial by a trunk with limits', { timeout: 90_000 }, () => {
  test('are refused what it may not carry, and all once it looks like fraud, until an operator opens it', async () => {
    const provider = await startScriptedPhone(tones.cy, (call, rtp) => void call.accept({ sdp: rtp.describe() }));
    const server = await startPhoneServer(planWith(provider.port), { cluster: { secret } });
    const [ann, ben] = await Promise.all([
      registeredPhone(server, { user: 'ann' }),
      registeredPhone(server, { user: 'ben' }),
    ]);
    const operator = async (...args: readonly string[]) => {
      let told = '';
      const output = { write: (text: string) => (told += text) };
      const options = ['--set', 'identity.jwksUrl=https://example.org/keys.json', '--set', `cluster.secret=${secret}`];
      const all = ['sip', 'plan', 'trunks', '--url', server.url, ...args, ...options];
      await runProgram(all, { stdout: output, stderr: output, env: {} });
      return told;
    };

    expect(await refusedWith(ann, '+4990012345')).toMatch(/^403/);
    await dial(ann, '+4930123');
    await dial(ann, '+4930124', 2);
    expect(await refusedWith(ben, '+4930125')).toMatch(/^480/);
    await hangUp(ann);
    await hangUp(ann, 2);
    expect(provider.incoming).toHaveLength(2);
    expect(await operator()).toContain('provider   0 calls now; today 2 minutes');

    // One expensive call is allowed; the second one closes the trunk, and ends the first.
    await dial(ann, expensive, 3);
    expect(await refusedWith(ben, expensive)).toMatch(/^480/);
    await ann.heard('CALL_CLOSED', 4);
    expect(await refusedWith(ben, '+4930125')).toMatch(/^480/);
    const news = server.lines.filter(({ message }) => message === 'trunk closed').map(({ fields }) => fields);
    expect(news).toMatchObject([{ trunk: 'provider', because: expect.stringContaining('it looks like fraud') }]);
    expect(await operator()).toMatch(/✗ closed since/);

    expect(await operator('--open', 'provider')).not.toContain('closed');
    await dial(ben, '+4930125');
    await hangUp(ben, ben.events.filter(({ type }) => type === 'CALL_CLOSED').length + 1);
  });
});
