import { describe, expect, test } from 'vitest';
import { requireOrSkip, requirePath } from '../support/require.ts';
import { startSipAgent } from '../support/sip-agent.ts';
import { startSipProcess } from '../support/sip-process.ts';
import { leavesNoSocket } from '../support/sip-sockets.ts';

leavesNoSocket({ after: 'each' });

describe.skipIf(!requireOrSkip('sipsak'))('sipsak', { timeout: 60_000 }, () => {
  const ask = async (port: number, args: readonly string[] = []) => {
    const probe = ['-s', `sip:ping@127.0.0.1:${port}`, '-v', ...args];
    await using sipsak = await startSipProcess(requirePath('sipsak'), () => probe, {});
    const code = await sipsak.ended;
    return { code, log: sipsak.log };
  };

  test('has its OPTIONS answered by the application, over UDP and TCP', async () => {
    await using sip = await startSipAgent({ routes: { options: (_req, res) => res.send(200) } });
    expect(await ask(sip.ports.UDP)).toMatchObject({ code: 0, log: expect.stringContaining('200 OK') });
    expect(await ask(sip.ports.TCP, ['-E', 'tcp'])).toMatchObject({ code: 0, log: expect.stringContaining('200 OK') });
    await sip.settled();
  });

  test('is told 503 when the agent is being replaced', async () => {
    await using sip = await startSipAgent({ routes: { options: (_req, res) => res.send(200) } });
    sip.agent.drain();
    const { code, log } = await ask(sip.ports.UDP);
    expect(code).not.toBe(0);
    expect(log).toContain('503');
    await sip.settled();
  });
});
