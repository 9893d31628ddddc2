// Two who leave a drained node for two other ones, each in a moment of its own: what one of them has of the other meanwhile.

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { grows, remoteTrack } from '../../client/test/real-room.ts';
import { createPictureTrack, createToneTrack } from '../../client/test/tracks.ts';
import { watchHoles } from '../../client/test/watch-holes.ts';
import { startCluster, type TestCluster } from '../support/cluster.ts';
import { eventually } from '../support/eventually.ts';
import { requireOrSkip } from '../support/require.ts';
import { joinCall } from './caller.ts';
import { drainNode } from './drain-node.ts';
import { listenTo } from './silence.ts';

const deadlineMs = 30_000;

describe.skipIf(!requireOrSkip('mediasoup') || !requireOrSkip('redis'))(
  'two who leave a node for different ones',
  () => {
    let cluster: TestCluster;

    beforeAll(async () => {
      // About as long as the first one takes to send from there, and others to receive that.
      cluster = await startCluster({ nodes: 3, as: 'processes', options: ['shutdown.moveStaggerMs=120'] });
    }, 120_000);

    afterAll(async () => {
      await cluster?.[Symbol.asyncDispose]();
    });

    test('have each other all the while, whoever goes first', async () => {
      const [here = '', next = '', last = ''] = cluster.urlsFrom(0);
      await using ada = await joinCall(cluster, 0, 'ada', 'apart');
      await using bob = await joinCall(cluster, 0, 'bob', 'apart', { urls: [here, last, next] });
      using tone = createToneTrack();
      using answer = createToneTrack({ frequencyHz: 880 });
      using pictures = createPictureTrack();
      await ada.room.publish(tone.track, { source: 'microphone' });
      await ada.room.publish(pictures.track, { source: 'camera' });
      await bob.room.publish(answer.track, { source: 'microphone' });
      const camera = await remoteTrack(bob.room, 'camera');
      using heardByBob = await listenTo(bob.room, 'ada');
      using heardByAda = await listenTo(ada.room, 'bob');
      const seenByBob = watchHoles(bob.room, 'camera');
      await drainNode(cluster.node(0), { deadlineMs: 20_000 });
      await eventually(
        async () => (await drainNode(cluster.node(0), 'status')).state === 'drained',
        'the node is empty',
        deadlineMs,
        200,
      );
      for (const heard of [heardByBob, heardByAda]) await heard.goesOn();
      await grows(await remoteTrack(bob.room, 'camera', camera), 'framesDecoded');
      expect([heardByBob.holes, heardByAda.holes, seenByBob.count]).toEqual([0, 0, 0]);
      expect([...ada.told, ...bob.told].filter((word) => word.startsWith('-'))).toEqual([]);
      const silences = { bob: heardByBob.longestMs, ada: heardByAda.longestMs };
      process.stdout.write(`silence of a move apart, ms: ${JSON.stringify(silences)}\n`);
    });
  },
);
