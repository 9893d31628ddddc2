// How many G.711 phones one mixer thread serves: rooms of ten with two who speak, with a real worker behind.
//
//   node --import tsx bench/sip-media/mixed-rooms.ts [phones] [phones in a room] [seconds]

import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../core/clock.ts';
import { createPeerId } from '../../core/ids.ts';
import { silentLogger } from '../../core/log.ts';
import { createPhoneMedia } from '../../media/phones/create-phone-media.ts';
import { startMedia } from '../../test/support/start-media.ts';
import type { FromPhones, ToPhones } from './phones-process.ts';

const [phonesWanted = '200', roomSize = '10', seconds = '10'] = process.argv.slice(2);
const count = Number(phonesWanted);
const perRoom = Number(roomSize);
const speakers = 2;

const child = fork(fileURLToPath(new URL('./phones-process.ts', import.meta.url)), { execArgv: ['--import', 'tsx'] });
const ask = <Type extends FromPhones['type']>(message: ToPhones) =>
  new Promise<Extract<FromPhones, { type: Type }>>((resolve) => {
    child.once('message', (answer) => resolve(answer as Extract<FromPhones, { type: Type }>));
    child.send(message);
  });

await using running = await startMedia();
const options = { threads: 1, listenIp: '127.0.0.1', portMin: 50_000, portMax: 53_999, maxLateMs: 10_000 };
const phones = await createPhoneMedia({ options, clock: systemClock, log: silentLogger });
const { ports } = await ask<'open'>({ type: 'open', count });
const targets: { port: number; speaks: boolean }[] = [];
for (const [index, port] of ports.entries()) {
  const leg = await phones.openLeg({
    id: `leg-${index}`,
    codecs: ['PCMU'],
    srtp: 'never',
    announced: '127.0.0.1',
    inBandDtmf: false,
    levelControl: false,
    noiseGate: false,
    comfortNoise: false,
    silenceTimeoutMs: 60_000,
  });
  const offer = `v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio ${port} RTP/AVP 0\r\n`;
  const answer = await leg.answer(offer);
  targets.push({ port: Number(/^m=audio (\d+)/m.exec(answer)?.[1]), speaks: index % perRoom < speakers });
  const room = running.media.openRoom(`room-${Math.floor(index / perRoom)}`);
  await leg.enter(room, createPeerId(), `owner-${index}`);
}
child.send({ type: 'call', targets } satisfies ToPhones);
await new Promise((resolve) => setTimeout(resolve, 6_000));
await ask<'count'>({ type: 'count' });
const cpuAt = () => phones.stats().threads[0]?.cpuSeconds ?? 0;
const [cpuBefore, startedMs] = [cpuAt(), performance.now()];
await new Promise((resolve) => setTimeout(resolve, Number(seconds) * 1000));
const counted = await ask<'count'>({ type: 'count' });
const elapsed = (performance.now() - startedMs) / 1000;
const [thread] = phones.stats().threads;
console.log(
  JSON.stringify({
    phones: count,
    perRoom,
    lateMsP50: round(thread?.lateMsP50),
    lateMsP99: round(thread?.lateMsP99),
    threadCpuPercent: round((100 * (cpuAt() - cpuBefore)) / elapsed),
    sentPerPhone: round(counted.sent / count / elapsed),
    receivedPerPhone: round(counted.received / count / elapsed),
    gapMsP99: round(counted.gapMsP99),
  }),
);
await phones.close();
child.kill();

function round(value = 0): number {
  return Math.round(value * 100) / 100;
}
