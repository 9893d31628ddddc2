// The server as it is deployed: a process, phones, and an operator with a second process beside it.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { startParley } from '../support/parley-process.ts';
import { requireOrSkip } from '../support/require.ts';
import { ServerProcess } from '../support/server-process.ts';
import { receive, request, scenario } from '../support/sip-scenario.ts';
import { startCaller } from '../support/sip-sipp.ts';

const socketOf = (protocol: 'UDP' | 'TCP') => ({ protocol, address: '127.0.0.1', port: 0 });

async function startWithSip() {
  const listen = JSON.stringify([socketOf('UDP'), socketOf('TCP')]);
  const server = await ServerProcess.start({ options: ['sip.enabled=true', `sip.listen=${listen}`] });
  onTestFinished(() => server[Symbol.asyncDispose]());
  const line = await eventually(
    () => server.output.split('\n').find((text) => text.includes('SIP agent listening')),
    'where it listens',
  );
  const { listening } = JSON.parse(line) as { listening: readonly { protocol: string; port: number }[] };
  const portOf = (protocol: string) => listening.find((one) => one.protocol === protocol)?.port ?? 0;
  return { server, udp: portOf('UDP'), tcp: portOf('TCP') };
}

/** `parley …` as an operator types it on the same machine. */
async function operate(server: ServerProcess, ...args: readonly string[]) {
  const where = ['--dev', '--set', `dataDir=${server.dataDir}`, '--url', server.url];
  await using parley = startParley([...args, ...where], { cwd: server.dataDir });
  const code = await parley.exited();
  return { code, stdout: parley.stdout(), stderr: parley.stderr() };
}

/** Each command is a process that has to start. */
const patient = { timeout: 120_000 };

/** A caller that takes 503 for what it is. */
const refusedCaller = scenario(
  request('INVITE', 1, false, { sdp: true, retransmitMs: 500 }),
  receive(100, true),
  receive(503),
  request('ACK', 1, 'early'),
);

describe.skipIf(!requireOrSkip('mediasoup') || !requireOrSkip('sipp'))(
  'a server with SIP and without applications',
  () => {
    test.each(['udp', 'tcp'] as const)(
      'refuses sipp over %s with 503, and an operator sees why',
      patient,
      async (transport) => {
        const sip = await startWithSip();
        await using caller = await startCaller(sip[transport], { scenario: refusedCaller, transport });
        await caller.done();

        const list = await operate(sip.server, 'sip', 'trace');
        expect(list.stderr).toBe('');
        const [, callId = ''] =
          /Z {2}(\S+) {2}\d+ messages {2}.*INVITE sip:\S+ → 503 Service Unavailable\n/.exec(list.stdout) ?? [];
        const { stdout } = await operate(sip.server, 'sip', 'trace', callId);
        expect(stdout).toContain(`Call ${callId}`);
        expect(stdout).toMatch(/│─+ INVITE \(SDP\) ─+>│/);
        expect(stdout).toMatch(/│<─+ 503 Service Unavailable \(INVITE\) ─+│/);
        expect(stdout).toMatch(/│─+ ACK ─+>│/);

        const full = await operate(sip.server, 'sip', 'trace', '--full', callId);
        const [invite] = /^ {12}INVITE [\s\S]*?\n\n/m.exec(full.stdout) ?? [''];
        const file = join(sip.server.dataDir, 'invite.sip');
        await writeFile(file, invite.replaceAll(/^ {12}/gm, ''));
        const explained = await operate(sip.server, 'sip', 'explain', file);
        expect(explained.stderr).toBe('');
        expect(explained.stdout).toContain('It is stopped by application: 503.');
      },
    );

    test(
      'ends with success and in time when it is told to, and is gone for phones and operators',
      patient,
      async () => {
        const { server, udp } = await startWithSip();
        await using caller = await startCaller(udp, { scenario: refusedCaller });
        await caller.done();
        server.signal('SIGTERM');
        await server.stop();
        expect(server.output).toContain('server stopped');
        const { code, stderr } = await operate(server, 'sip', 'trace');
        expect(code).toBe(1);
        expect(stderr.replaceAll(/\s+/g, ' ')).toContain(`Nobody answers at ${server.url}.`);
      },
    );
  },
);
