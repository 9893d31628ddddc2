import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Logger, silentLogger } from '../../core/log.ts';
import { eventually } from '../../test/support/eventually.ts';
import { readMetrics } from '../../test/support/read-metrics.ts';
import { requireOrSkip } from '../../test/support/require.ts';
import { type RunningServer, startServer } from '../../test/support/start-server.ts';
import { runProgram } from '../cli/program.ts';
import type { PartialConfig } from '../config/schema.ts';

type Listening = readonly { readonly protocol: string; readonly port: number }[];

const socketOf = (protocol: 'UDP' | 'TCP') => ({
  protocol,
  address: '127.0.0.1',
  port: 0,
  advertise: [],
  certFile: '',
  keyFile: '',
  caFile: '',
  origins: [],
});

/** Nobody is trusted, so that everything that defends is there. */
async function startWithSip(sip: PartialConfig['sip'] = {}) {
  let listening: Listening = [];
  const log: Logger = {
    ...silentLogger,
    info: (fields, message) => {
      if (message === 'SIP agent listening') ({ listening } = fields as { listening: Listening });
    },
  };
  const listen = [socketOf('UDP'), socketOf('TCP')];
  const server = await startServer({ sip: { enabled: true, listen, trusted: [], ...sip } }, { log });
  const portOf = (protocol: string) => listening.find((one) => one.protocol === protocol)?.port ?? 0;
  return { server, udp: portOf('UDP'), tcp: portOf('TCP') };
}

/** A phone that says what the test wants. */
class Phone implements AsyncDisposable {
  readonly #socket: Socket = createSocket('udp4');
  readonly heard: string[] = [];
  readonly #to: number;

  private constructor(to: number) {
    this.#to = to;
    this.#socket.on('message', (bytes) => this.heard.push(bytes.toString()));
  }

  static async open(to: number): Promise<Phone> {
    const phone = new Phone(to);
    phone.#socket.bind(0, '127.0.0.1');
    await once(phone.#socket, 'listening');
    return phone;
  }

  get port(): number {
    return this.#socket.address().port;
  }

  send(text: string): void {
    this.#socket.send(text, this.#to, '127.0.0.1');
  }

  async answer(callId: string, status: string): Promise<string> {
    const find = () => this.heard.find((text) => text.startsWith(`SIP/2.0 ${status}`) && text.includes(callId));
    await eventually(() => find() !== undefined, `${status} for ${callId}, not ${this.heard.join('\n')}`);
    return find() ?? '';
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#socket, 'close');
    this.#socket.close();
    await closed;
  }
}

function request(method: string, callId: string, port: number, fields: readonly string[] = [], transport = 'UDP') {
  return [
    `${method} sip:parley@127.0.0.1 SIP/2.0`,
    `Via: SIP/2.0/${transport} 127.0.0.1:${port};rport;branch=z9hG4bK-${callId}`,
    'Max-Forwards: 70',
    `From: <sip:ann@127.0.0.1>;tag=${callId}`,
    'To: <sip:parley@127.0.0.1>',
    `Call-ID: ${callId}`,
    `CSeq: 1 ${method}`,
    `Contact: <sip:ann@127.0.0.1:${port}>`,
    ...fields,
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n');
}

/** What a command prints. */
async function run(server: RunningServer, args: readonly string[]) {
  const written = { stdout: '', stderr: '' };
  const output = (name: keyof typeof written) => ({ write: (text: string) => (written[name] += text) });
  const where = ['--dev', '--set', `dataDir=${server.dataDir}`, '--url', server.url];
  const terminal = { stdout: output('stdout'), stderr: output('stderr'), env: {} };
  const code = await runProgram([...args, ...where], terminal);
  return { code, ...written };
}

describe.skipIf(!requireOrSkip('mediasoup'))('a server with SIP', () => {
  let started: Awaited<ReturnType<typeof startWithSip>>;
  let phone: Phone;

  beforeAll(async () => {
    started = await startWithSip();
    phone = await Phone.open(started.udp);
  });
  afterAll(async () => {
    await phone?.[Symbol.asyncDispose]();
    await started?.server.close();
  });

  test('answers OPTIONS by UDP with what it understands', async () => {
    phone.send(request('OPTIONS', 'ping-udp', phone.port));
    const answer = await phone.answer('ping-udp', '200');
    expect(answer).toContain('Allow: INVITE');
    expect(answer).toContain('Accept: application/sdp');
  });

  test('answers OPTIONS by TCP', async () => {
    const socket = connect(started.tcp, '127.0.0.1');
    let heard = '';
    socket.on('data', (bytes) => {
      heard += bytes.toString();
    });
    await once(socket, 'connect');
    socket.write(request('OPTIONS', 'ping-tcp', 5060, [], 'TCP'));
    await eventually(() => heard.startsWith('SIP/2.0 200 OK'), 'an answer');
    socket.destroy();
  });

  test('refuses a call with 503 while no application is there', async () => {
    phone.send(request('INVITE', 'refused', phone.port));
    await phone.answer('refused', '503');
  });

  test('says nothing to a scanner, and counts it', async () => {
    phone.send(request('OPTIONS', 'scan', phone.port, ['User-Agent: friendly-scanner']));
    phone.send(request('OPTIONS', 'after-the-scan', phone.port));
    await phone.answer('after-the-scan', '200');
    expect(phone.heard.filter((text) => text.includes('Call-ID: scan'))).toEqual([]);
    const metrics = (await readMetrics(started.server.url)).split('\n');
    expect(metrics).toContain('parley_sip_stopped_total{rule="scanner"} 1');
    expect(metrics).toContain('parley_sip_offences_total{kind="scanner"} 1');
  });

  test('counts methods that nobody knows under one name', async () => {
    for (let i = 0; i < 20; i += 1) phone.send(request(`GUESS${i}`, `guess-${i}`, phone.port));
    await phone.answer('guess-19', '501');
    const text = await readMetrics(started.server.url);
    expect(text).toContain('parley_sip_requests_received_total{method="other"} 20');
    expect(text).toContain('parley_sip_parse_failures_total{status="501"} 20');
    expect(text).not.toContain('GUESS');
  });

  test('draws what it has kept of a call as a ladder, without what is secret', async () => {
    const authorization = 'Authorization: Digest username="ann", response="0123456789abcdef"';
    phone.send(request('INVITE', 'to-draw', phone.port, [authorization]));
    await phone.answer('to-draw', '503');
    const { stdout, stderr } = await run(started.server, ['sip', 'trace', 'to-draw', '--full']);
    expect(stderr).toBe('');
    expect(stdout).toContain('Call to-draw');
    expect(stdout).toMatch(/│─+ INVITE ─*>│/);
    expect(stdout).toMatch(/│<─+ 503 Service Unavailable \(INVITE\) ─*│/);
    expect(stdout).toContain('Authorization: Digest …');
    expect(stdout).not.toContain('0123456789abcdef');
    const list = await run(started.server, ['sip', 'trace']);
    expect(list.stdout).toMatch(/to-draw {2}\d+ messages {2}127\.0\.0\.1:\d+ {2}INVITE sip:parley/);
  });

  test('says of a call that it does not know how to find those it knows', async () => {
    const { code, stderr } = await run(started.server, ['sip', 'trace', 'nowhere']);
    expect(code).toBe(1);
    expect(stderr).toContain('Nothing is kept of the SIP call nowhere.');
    expect(stderr).toContain('lists those that are kept');
  });

  test('explains which rule would stop a message, and why the others would not', async () => {
    const file = join(started.server.dataDir, 'invite.sip');
    await writeFile(file, request('INVITE', 'x', 5060, ['User-Agent: sipcli/1.8']).replaceAll('\r\n', '\n'));
    const { stdout, stderr } = await run(started.server, ['sip', 'explain', file, '--from', '203.0.113.9']);
    expect(stderr).toBe('');
    expect(stdout).toContain('INVITE sip:parley@127.0.0.1\nfrom 203.0.113.9');
    expect(stdout).toMatch(/✓ deny +no network is denied/);
    expect(stdout).toMatch(/✓ form +it is well-formed/);
    expect(stdout).toMatch(/✗ scanner +its User-Agent begins with sipcli: no answer/);
    expect(stdout).toMatch(/✓ rate +203\.0\.113\.9 keeps to 50 requests a second/);
    expect(stdout).toMatch(/! application +none is connected.*would get 503/);
    expect(stdout).toContain('It is stopped by scanner: no answer.');
  });

  test('explains what is wrong with the form of a message', async () => {
    const file = join(started.server.dataDir, 'bad.sip');
    await writeFile(file, request('INVITE', 'x', 5060).replace('CSeq: 1 INVITE', 'CSeq: 1 BYE'));
    const { stdout } = await run(started.server, ['sip', 'explain', file]);
    expect(stdout).toMatch(/✗ form +CSeq Is Of Another Method: 400/);
  });

  test('tells nobody of calls who may not moderate every room', async () => {
    const { server } = started;
    for (const room of ['standup', 'team-*']) {
      const token = server.issueToken({ identity: 'mia', room, can: ['moderate'] });
      const answer = await fetch(`${server.url}/api/v1/sip/calls`, { headers: { authorization: `Bearer ${token}` } });
      expect(answer.status).toBe(403);
    }
    expect((await fetch(`${server.url}/api/v1/sip/calls`)).status).toBe(401);
  });
});

describe.skipIf(!requireOrSkip('mediasoup'))('the life of a server with SIP', () => {
  test('draining, OPTIONS and INVITE get 503; closed, its ports are free', async () => {
    const { server, udp } = await startWithSip();
    await using phone = await Phone.open(udp);
    phone.send(request('OPTIONS', 'before', phone.port));
    await phone.answer('before', '200');
    await server.app.drain();
    phone.send(request('OPTIONS', 'while', phone.port));
    expect(await phone.answer('while', '503')).toContain('Retry-After: ');
    phone.send(request('INVITE', 'late', phone.port));
    await phone.answer('late', '503');
    await server.close();
    const again = createSocket('udp4');
    again.bind({ port: udp, address: '127.0.0.1', exclusive: true });
    await once(again, 'listening');
    again.close();
  });

  test('bans who sends what is no SIP', async () => {
    const { server, udp } = await startWithSip({ ban: { offences: 5, withinSeconds: 60, forSeconds: 600 } });
    await using phone = await Phone.open(udp);
    for (let i = 0; i < 10; i += 1) phone.send(`this is no SIP at all ${i}\r\n\r\n`);
    await eventually(
      async () => (await readMetrics(server.url)).includes('parley_sip_sources_banned 1'),
      'the ban of 127.0.0.1',
    );
    await server.close();
  });

  test('one that cannot listen says so with the option, and leaves nothing behind', async () => {
    const { server, udp } = await startWithSip();
    const listen = [socketOf('TCP'), { ...socketOf('UDP'), port: udp }];
    await expect(startServer({ sip: { enabled: true, listen } })).rejects.toMatchObject({
      step: 'starting the SIP agent',
      mend: expect.stringContaining('sip.listen'),
    });
    await server.close();
  });
});
