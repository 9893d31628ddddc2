import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { createRandom, testSeed } from '../support/random.ts';
import { type Answer, type SipAgent, startSipAgent } from '../support/sip-agent.ts';
import { mutate } from '../support/sip-mutations.ts';
import { leavesNoSocket } from '../support/sip-sockets.ts';

leavesNoSocket({ after: 'each' });

const seed = testSeed();
const chunk = 2_500;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

function heapMegabytes(): number {
  collect();
  return process.memoryUsage().heapUsed / 2 ** 20;
}

/** Waits until all that was sent has been read: a good question behind it is answered. */
async function isAnswered(sip: SipAgent, name: string): Promise<void> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.connect(sip.ports.UDP, '127.0.0.1', resolve));
  let answer = '';
  socket.on('message', (bytes) => (answer = bytes.toString()));
  const { port } = socket.address();
  const lines = [
    `OPTIONS sip:ping@127.0.0.1 SIP/2.0`,
    `Via: SIP/2.0/UDP 127.0.0.1:${port};branch=z9hG4bK${name};rport`,
    'From: <sip:good@127.0.0.1>;tag=1',
    'To: <sip:ping@127.0.0.1>',
    `Call-ID: ${name}`,
    'CSeq: 1 OPTIONS',
    'Max-Forwards: 70',
    'Content-Length: 0',
  ];
  const question = `${lines.join('\r\n')}\r\n\r\n`;
  // It may be lost as any datagram; whoever asks by UDP asks again.
  const ask = () => socket.send(question);
  ask();
  const again = setInterval(ask, 500);
  try {
    await eventually(() => answer !== '', `an answer to ${name}`, 20_000);
  } finally {
    clearInterval(again);
    socket.close();
  }
  expect(answer).toMatch(/^SIP\/2\.0 200 /);
  expect(answer).toContain(`Call-ID: ${name}\r\n`);
  expect(answer).toContain('CSeq: 1 OPTIONS\r\n');
}

async function sendDatagrams(sip: SipAgent, messages: readonly Buffer[]): Promise<void> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.connect(sip.ports.UDP, '127.0.0.1', resolve));
  socket.on('error', () => {});
  for (const [at, message] of messages.entries()) {
    socket.send(message, () => {});
    if (at % 50 === 0) await turn();
  }
  await turn();
  socket.close();
}

/** Bytes that break the framing have the connection closed: the next ones take another. */
async function sendStream(sip: SipAgent, messages: readonly Buffer[]): Promise<void> {
  const perConnection = 25;
  for (let from = 0; from < messages.length; from += perConnection) {
    const socket = connect(sip.ports.TCP, '127.0.0.1');
    socket.on('error', () => {});
    socket.resume();
    const closed = once(socket, 'close');
    for (const message of messages.slice(from, from + perConnection)) socket.write(message);
    socket.end();
    await closed;
  }
}

test('a hundred thousand broken messages neither stop the agent nor make it grow', { timeout: 240_000 }, async () => {
  const random = createRandom(seed);
  const refuses: Answer = (_req, res) => res.send(486);
  const accepts: Answer = (_req, res) => res.send(200);
  const routes = {
    invite: refuses,
    options: accepts,
    register: accepts,
    message: accepts,
    subscribe: refuses,
    refer: refuses,
  };
  await using sip = await startSipAgent({ routes });
  let at = 0;
  let firstMegabytes = 0;
  const rounds = 100_000 / chunk;
  for (let round = 0; round < rounds; round++) {
    const messages = Array.from({ length: chunk }, () => mutate(random, at++));
    if (round % 4 === 3) await sendStream(sip, messages);
    else await sendDatagrams(sip, messages);
    await isAnswered(sip, `good-${round}`);
    // Transactions are forgotten after 32 s.
    await eventually(() => sip.facade.stats.pending === 0, 'the application to have answered');
    await sip.clock.skip(45_000);
    // By then all code is compiled, and every table as large as it gets.
    if (round === 7) firstMegabytes = heapMegabytes();
  }
  await sip.settled();
  expect(heapMegabytes() - firstMegabytes).toBeLessThan(24);
  const { faults, messages } = sip.agent.stats;
  // Both kinds came: what could be answered, and what could not.
  expect(messages.get('out 400') ?? 0).toBeGreaterThan(1_000);
  expect([...faults.values()].reduce((total, count) => total + count, 0)).toBeGreaterThan(10_000);
  console.log(`faults ${JSON.stringify(Object.fromEntries(faults))}`);
});
