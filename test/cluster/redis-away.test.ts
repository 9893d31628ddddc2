// What all nodes share stands still, or dies and comes back: who is there is there, calls go on, and messages wait for a moment.

import { describe, expect, test } from 'vitest';
import { grows, remoteTrack } from '../../client/test/real-room.ts';
import { createToneTrack } from '../../client/test/tracks.ts';
import { createWrtcDevice } from '../../client/test/wrtc-device.ts';
import { eventually } from '../support/eventually.ts';
import { startRedis } from '../support/redis-server.ts';
import { requireOrSkip } from '../support/require.ts';
import { type Answer, TestSocket } from '../support/rpc-client.ts';
import { People, type Present, type Someone } from './scenarios/people.ts';
import { soon } from './scenarios/scenario.ts';
import { type Servers, startServers } from './scenarios/servers.ts';

const timeout = 120_000;
/** As promised: everything is as before within this time. */
const normalWithinMs = 10_000;
const room = 'standup';

/** Somebody whose messages are tried once. */
async function comeWithoutOutbox(servers: Servers, identity: string) {
  const socket = await new TestSocket(servers.node(0).wsUrl, ['parley.v1.json']).opened();
  await socket.call('connect', 'session.connect', { token: servers.node(0).issueToken({ identity }) });
  await socket.call('join', 'room.join', { room });
  let calls = 0;
  return {
    close: () => socket.close(),
    say(text: string): Promise<Answer> {
      calls += 1;
      return socket.call(`say ${calls}`, 'chat.send', { room, clientId: text.replaceAll(' ', '-'), text });
    },
  };
}

/** Everybody writes and everybody reads that. */
async function isNormal(people: readonly (Someone & Present)[], mark: string): Promise<void> {
  const texts = people.map(({ identity }) => `${mark} of ${identity}`);
  await Promise.all(people.map((one, at) => one.room.chat.send(texts[at] ?? '').sent));
  for (const one of people) {
    const hasAll = () => texts.every((text) => one.texts.includes(text));
    await soon(hasAll, `${one.identity} reads everybody`);
  }
}

const reasonOf = ({ error }: Answer): string | undefined => error?.data.reason;

describe.skipIf(!requireOrSkip('mediasoup') || !requireOrSkip('redis'))('when Redis is away', () => {
  test('as one that stands still, messages are refused with a time to try again, calls go on and nobody leaves', {
    timeout,
  }, async () => {
    await using redis = await startRedis();
    await using servers = await startServers({ nodes: 2, redis });
    await using people = new People(servers, { device: createWrtcDevice });
    const ada = await people.enter('ada', room);
    const bob = await people.enter('bob', room);
    const cy = await comeWithoutOutbox(servers, 'cy');
    using tone = createToneTrack();
    await ada.room.publish(tone.track, { source: 'microphone' });
    const heard = await remoteTrack(bob.room, 'microphone');
    await grows(heard, 'totalAudioEnergy');
    await isNormal([ada, bob], 'before');
    const stores = [ada, bob].map(({ client }) => {
      const told: string[] = [];
      client.on('storeChanged', (state) => told.push(state));
      return told;
    });

    redis.stop();
    // On its way when Redis stood still: nobody can say what became of it.
    expect(reasonOf(await cy.say('on its way'))).toBe('STORE_OUTCOME_UNKNOWN');
    const sent = Array.from({ length: 10 }, (_, at) => ada.room.chat.send(`meanwhile ${at}`).sent);
    await soon(() => stores.every((told) => told.join() === 'down'), 'both are told that nothing can be kept');
    const refused = await cy.say('refused');
    expect(reasonOf(refused)).toBe('STORE_UNAVAILABLE');
    expect(refused.error?.data.retryAfterMs).toBeGreaterThan(0);
    await grows(heard, 'totalAudioEnergy');

    redis.cont();
    const sinceMs = performance.now();
    await Promise.all([...sent, isNormal([ada, bob], 'after')]);
    expect(performance.now() - sinceMs).toBeLessThan(normalWithinMs);
    await soon(() => stores.every((told) => told.join() === 'down,up'), 'both are told that it is back');
    const settled = await eventually(async () => {
      const answer = await cy.say('on its way');
      return answer.error === undefined ? answer : undefined;
    }, 'it can be sent again');
    expect(settled.error).toBeUndefined();
    await soon(() => bob.texts.includes('on its way'), 'bob reads what was on its way');
    await grows(heard, 'totalAudioEnergy');

    for (const one of [ada, bob]) {
      expect(one.texts.filter((text) => text.startsWith('meanwhile'))).toEqual(
        Array.from({ length: 10 }, (_, at) => `meanwhile ${at}`),
      );
      expect(one.texts.filter((text) => text === 'on its way')).toHaveLength(1);
      expect(one.gaps).toEqual([]);
      expect(one.told.filter((who) => who.startsWith('-'))).toEqual([]);
    }
    await cy.close();
  });

  test('for a moment, messages wait for it', { timeout }, async () => {
    await using redis = await startRedis({ aof: 'always' });
    await using servers = await startServers({ nodes: 1, redis }, { redis: { holdMs: 8_000 } });
    const cy = await comeWithoutOutbox(servers, 'cy');
    expect(reasonOf(await cy.say('before'))).toBeUndefined();
    await redis.kill();
    const isSeen = async () => (await fetch(`${servers.node(0).url}/ready`)).ok;
    expect(await isSeen()).toBe(true);
    // The first may still be sent to the one that is dead.
    const held = ['one', 'two', 'three'].map((text) => cy.say(text));
    await redis.restart();
    for (const answer of await Promise.all(held))
      expect([undefined, 'STORE_OUTCOME_UNKNOWN']).toContain(reasonOf(answer));
    expect(reasonOf(await cy.say('three'))).toBeUndefined();
    await cy.close();
  });

  test('again and again while people write, all of it is read once and in order', { timeout }, async () => {
    await using redis = await startRedis({ aof: 'always' });
    await using servers = await startServers({ nodes: 2, redis });
    await using people = new People(servers);
    const ada = await people.enter('ada', room);
    const bob = await people.enter('bob', room);
    const sent: Promise<unknown>[] = [];
    let count = 0;
    const write = () => {
      for (const one of [ada, bob]) sent.push(one.room.chat.send(`${one.identity} ${count}`).sent);
      count += 1;
    };
    const writing = setInterval(write, 120);
    try {
      for (let time = 0; time < 2; time++) {
        const before = bob.texts.length;
        await soon(() => bob.texts.length > before + 5, 'people read each other');
        await redis.kill();
        const written = count;
        await soon(() => count > written + 3, 'they write on');
        await redis.restart();
      }
    } finally {
      clearInterval(writing);
    }
    await Promise.all([...sent, isNormal([ada, bob], 'after')]);
    await soon(() => ada.texts.length === bob.texts.length, 'both have read the same');
    expect(ada.texts).toEqual(bob.texts);
    for (const author of ['ada', 'bob']) {
      const texts = Array.from({ length: count }, (_, at) => `${author} ${at}`);
      expect(bob.texts.filter((text) => text.startsWith(author))).toEqual(texts);
    }
    for (const one of [ada, bob]) {
      expect(one.gaps).toEqual([]);
      expect(one.told.filter((who) => who.startsWith('-'))).toEqual([]);
    }
  });
});
