// Many phones that call, hold, press keys and hang up at random: when the last one has gone, nothing of them is left.
// For a minute rather than a moment: `PARLEY_PHONES_SECONDS=60 npx vitest run test/sip/phones/chaos.test.ts`.

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import type { IncomingCall } from '../../../sip/drachtio/incoming-call.ts';
import { takeMediaCensus } from '../../support/media-census.ts';
import { registeredPhone } from '../../support/phones/phone.ts';
import { type PhoneServer, startPhoneServer } from '../../support/phones/phone-server.ts';
import { planOfThree } from '../../support/phones/plan.ts';
import { createRandomCaller, type RandomCaller } from '../../support/phones/random-caller.ts';
import { startScriptedPhone } from '../../support/phones/scripted-phone.ts';
import { createRandom, oneOf, type Random, testSeed } from '../../support/random.ts';
import { readMetrics } from '../../support/read-metrics.ts';
import { requireOrSkip } from '../../support/require.ts';
import { SipClock } from '../../support/sip-clock.ts';
import { wholeCall } from '../../support/sip-scenario.ts';
import { startCaller } from '../../support/sip-sipp.ts';

const here = requireOrSkip('mediasoup') && requireOrSkip('baresip') && requireOrSkip('sipp');
const seconds = Number(process.env['PARLEY_PHONES_SECONDS'] ?? 12);
/** At once. */
const callers = 46;
/** Legs at once, with those that calls of phones lead to. */
const mostAtLeast = 40;

/** Rooms, PIN prompts and people as in the plan of three, users for the callers, guests in a room, and a provider. */
const planOf = (providerPort: number) =>
  `${planOfThree.replace(
    'rules:',
    `${Array.from({ length: callers }, (_, at) => `  - { identity: caller${at}, password: secret }`).join('\n')}
guests: true
trunks:
  - name: provider
    outbound: { targets: ['sip:127.0.0.1:${providerPort}'], probeSeconds: 0, deadSeconds: 1 }
rules:
  - { name: out, when: { calledPrefix: '+', from: user }, number: '{called}', trunks: [provider] }`,
  )}`;

/** Whom the provider reaches: they answer, decline, are busy, or ring for ever, and hang up when they have had enough. */
async function answerAtRandom(random: Random, call: IncomingCall, sdp: () => string): Promise<void> {
  const mood = oneOf(random, ['answers', 'answers', 'answers', 'is busy', 'declines', 'is broken', 'rings']);
  await delay(300 * random());
  await call.ring();
  if (mood === 'rings') return;
  await delay(500 * random());
  if (mood !== 'answers') return call.reject({ 'is busy': 486, declines: 603, 'is broken': 503 }[mood] ?? 500);
  const accepted = await call.accept({ sdp: sdp() });
  await delay(3_000 * random());
  await accepted.bye();
}

/** Below those that the system gives to whoever asks for any (32,768 to 60,999): a socket in this range is a phone's, or lost. */
const portsOfPhones = { portMin: 30_000, portMax: 31_999 };
const isOfPhones = (port: number) => port >= portsOfPhones.portMin && port <= portsOfPhones.portMax;

/** UDP ports that this process has, those of its threads among them. */
function udpPorts(): readonly number[] {
  const inodes = new Set(
    readdirSync('/proc/self/fd').map((fd) => {
      try {
        return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${fd}`))?.[1];
      } catch {
        // Closed in the meantime.
        return undefined;
      }
    }),
  );
  const rows = readFileSync('/proc/self/net/udp', 'latin1').trim().split('\n').slice(1);
  const sockets = rows.map((row) => row.trim().split(/\s+/)).filter((row) => inodes.has(row[9] ?? ''));
  return sockets.map((row) => Number.parseInt(row[1]?.split(':')[1] ?? '', 16));
}

const names = ['sessions', 'peers', 'calls', 'rooms', 'floor_rooms'];
const ofPhones = ['phone_calls', 'phone_legs', 'phone_thread_legs', 'phone_thread_rooms', 'phone_thread_deaths_total'];
const ofSip = ['sip_calls', 'sip_dialogs', 'sip_transactions'];
const ofMedia = ['media_rooms', 'media_transports', 'media_producers', 'media_consumers', 'media_worker_deaths_total'];

async function counted(server: PhoneServer): Promise<Record<string, number>> {
  const text = await readMetrics(server.url);
  const sumOf = (name: string) =>
    [...text.matchAll(new RegExp(`^parley_${name}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'))].reduce(
      (sum, [, value]) => sum + Number(value),
      0,
    );
  return Object.fromEntries([...names, ...ofPhones, ...ofSip, ...ofMedia].map((name) => [name, sumOf(name)]));
}

/** So that what waits for messages that might come once more (RFC 3261 section 17) has waited long enough. */
async function pass(clock: SipClock): Promise<void> {
  for (let second = 0; second < 70; second += 1) {
    await clock.skip(1_000);
    // Real peers and workers have a turn, too.
    await delay(20);
  }
}

const nonZero = (counts: object) => Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0));

test.skipIf(!here)('phones that call at random leave nothing', { timeout: 120_000 + 2_000 * seconds }, async () => {
  const random = createRandom(testSeed());
  using census = await takeMediaCensus();
  const clock = new SipClock();
  const problems: unknown[] = [];
  const phone = await startScriptedPhone(440, (call, rtp) => {
    answerAtRandom(random, call, () => rtp.describe()).catch(() => {
      // Taken back while it rang.
    });
  });
  const server = await startPhoneServer(planOf(phone.port), {
    clock,
    // Guests are nobody in particular: all of them are one identity.
    rooms: { idleTimeoutMs: 100, maxPeersPerIdentity: 1_000 },
    sip: { media: portsOfPhones },
  });
  const everybody = await Promise.all(
    Array.from({ length: callers }, (_, at) =>
      createRandomCaller({
        random,
        phone,
        user: `caller${at}`,
        port: server.port,
        numbers: ['800', '800', '801', '900', '900', '901', '101', '+4930123456', '+4930123456', '999'],
        keys: ['483920#', '4839', '*6', '*5', '*0', '*9'],
      }),
    ),
  );
  const left = async () => ({ ...nonZero(await counted(server)), ...nonZero(census) });
  // What is opened for the first call and kept is no leak.
  const first = await phone.dial(`sip:800@127.0.0.1:${server.port}`, 'caller0');
  await phone.listen(500);
  await first.bye();
  await pass(clock);
  await expect.poll(left, { timeout: 20_000, interval: 300 }).toEqual({});
  const atRest = { ports: udpPorts(), timers: clock.pendingTimers };

  const [ann, ben] = await Promise.all([
    registeredPhone(server, { user: 'ann' }),
    registeredPhone(server, { user: 'ben', answers: true, codecs: ['PCMA/8000/1'] }),
  ]);
  const guests = await startCaller(server.port, {
    scenario: wholeCall(1_000),
    calls: 2 * seconds,
    rate: 2,
    args: ['-s', '800'],
  });
  onTestFinished(() => guests[Symbol.asyncDispose]());

  const endMs = performance.now() + 1_000 * seconds;
  const goesOn = () => performance.now() < endMs;
  const outcomes = new Map<string, number>();
  const atRandom = async (caller: RandomCaller) => {
    await delay(2_000 * random());
    while (goesOn()) {
      const outcome = await caller.call();
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      await delay(500 * random());
    }
  };
  const byBaresip = async () => {
    for (let times = 1; goesOn(); times += 1) {
      await ann.command('dial', `sip:${oneOf(random, ['800', '900', '101'])}@127.0.0.1:${server.port}`);
      await delay(1_500 * random());
      // It may be over by now.
      await ann.command('hangup').catch(() => {});
      await ann.heard('CALL_CLOSED', times);
    }
  };
  const hungUpByBaresip = async () => {
    while (goesOn()) {
      await delay(300 + 2_000 * random());
      await ben.command('hangup').catch(() => {});
    }
  };
  const all = [...everybody.map(atRandom), byBaresip(), hungUpByBaresip()];
  for (const one of all) one.catch((error: unknown) => problems.push(error));
  let most = 0;
  while (goesOn()) {
    await delay(500);
    most = Math.max(most, (await counted(server))['phone_legs'] ?? 0);
  }
  await Promise.allSettled(all);
  await guests.done();
  await Promise.all([ann[Symbol.asyncDispose](), ben[Symbol.asyncDispose]()]);
  console.log(`${most} at once; ${JSON.stringify(Object.fromEntries(outcomes))}`);
  expect(problems).toEqual([]);
  expect(outcomes.get('talked') ?? 0).toBeGreaterThan(callers);
  expect(most).toBeGreaterThan(mostAtLeast);
  // The worker itself complains of tracks that both sides closed at once, without an error of anybody.
  const failures = server.lines.filter(({ fields }) => fields['err'] !== undefined);
  expect(failures).toEqual([]);

  await pass(clock);
  await expect.poll(left, { timeout: 20_000, interval: 300 }).toEqual({});
  const newPorts = () => udpPorts().filter((port) => !atRest.ports.includes(port));
  await expect.poll(() => newPorts().filter(isOfPhones), { timeout: 10_000 }).toEqual([]);
  // One socket of the server hears how loud everybody is, from the first crowded room on.
  expect(newPorts().length).toBeLessThanOrEqual(1);
  await expect.poll(() => clock.pendingTimers, { timeout: 10_000 }).toBeLessThanOrEqual(atRest.timers);
});
