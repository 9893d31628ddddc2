// The order of the test files: what takes long begins first, so that all workers end together. Without this, vitest knows it
// only on a machine where it ran before.

import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Seconds on two quiet cores; about right is enough. */
export const longFiles: ReadonlyMap<string, number> = new Map([
  ['test/e2e/calls-with-phones.test.ts', 65],
  ['test/scenarios/media-impaired.test.ts', 55],
  ['test/sip/phones/pins.test.ts', 45],
  ['test/e2e/chat.test.ts', 42],
  ['test/e2e/call.test.ts', 42],
  ['test/scenarios/e2ee.test.ts', 40],
  ['test/e2e/page-accessibility.test.ts', 40],
  ['client/test/recording.test.ts', 35],
  ['test/e2e/calls.test.ts', 35],
  ['test/e2e/softphone.test.ts', 35],
  ['client/test/recovery.test.ts', 34],
  ['test/cluster/phones.test.ts', 34],
  ['test/sip/phones/moderated.test.ts', 32],
  ['test/scenarios/chat-stress.test.ts', 32],
  ['test/scenarios/direct-firefox.test.ts', 31],
  ['test/e2e/chat-recovery.test.ts', 30],
  ['test/sip/phones/peers-sipp.test.ts', 30],
  ['test/sip/phones/sessions.test.ts', 30],
  ['test/scenarios/sdp-layers.test.ts', 27],
  ['test/faults/stalled-readers.test.ts', 26],
  ['test/sip/phone-legs.test.ts', 24],
  ['test/scenarios/slow-signaling.test.ts', 24],
  ['test/chaos/chaos.test.ts', 24],
  ['test/scenarios/firefox.test.ts', 24],
  ['server/app.test.ts', 24],
  ['media/recording/recorder-process.test.ts', 24],
  ['test/sip/phones/peers-linphone.test.ts', 23],
  ['client/test/quality.test.ts', 21],
  ['test/sip/phones/rooms.test.ts', 20],
  ['test/cluster/scenarios.test.ts', 20],
  ['test/e2e/quality.test.ts', 20],
  ['test/e2e/direct.test.ts', 19],
  ['media/floor/floor.test.ts', 19],
  ['client/test/layers.test.ts', 19],
  ['test/sip/phones/calls.test.ts', 18],
  ['test/sip/phones/trunks.test.ts', 18],
  ['media/sdp/real-worker.test.ts', 17],
  ['client/test/direct.test.ts', 17],
  ['test/sip/phones/in-calls.test.ts', 16],
  ['client/test/mending.test.ts', 16],
  ['test/scenarios/closed-networks.test.ts', 16],
  ['test/e2e/recording.test.ts', 16],
  ['server/cluster/node-drain.test.ts', 16],
  ['media/room-routers.test.ts', 16],
  ['test/cluster/moving-media.test.ts', 16],
  ['client/test/chat.test.ts', 15],
  ['test/cluster/redis-away.test.ts', 15],
  ['test/scenarios/e2ee-firefox.test.ts', 14],
  ['test/e2e/doctor.test.ts', 14],
  ['test/e2e/layers.test.ts', 14],
  ['client/test/direct-paths.test.ts', 14],
  ['media/nodes/call.test.ts', 14],
  ['test/sip/phones/chaos.test.ts', 14],
  ['client/test/calls.test.ts', 14],
  ['test/sip/phones/transfers-by-api.test.ts', 14],
  ['test/sip/phones/sipp.test.ts', 13],
  ['test/e2e/silent-path.test.ts', 13],
  ['test/cluster/people.test.ts', 13],
  ['test/scenarios/recorded-codecs.test.ts', 13],
  ['test/faults/stores.test.ts', 13],
  ['test/sip/server.test.ts', 13],
  ['test/sip/phones/peers-forks.test.ts', 13],
  ['test/cluster/draining.test.ts', 13],
  ['test/sip/phones/from-the-api.test.ts', 13],
  ['server/cluster/open-engines.test.ts', 12],
  ['test/e2e/encryption.test.ts', 12],
  ['cluster/sqlite/sqlite-faults.test.ts', 11],
  ['server/doctor/reach.test.ts', 11],
  ['media/call.test.ts', 11],
  ['test/cluster/rolling-restart.test.ts', 11],
  ['client/test/direct-rules.test.ts', 11],
  ['media/phones/phone-media.test.ts', 11],
  ['test/sip/phones/transfers.test.ts', 10],
  ['test/cluster/moving-apart.test.ts', 10],
  ['test/sip/loss.test.ts', 10],
  ['test/sip/phones/peers-provider.test.ts', 10],
  ['media/recording/compose.test.ts', 10],
  ['server/doctor/redis-checks.test.ts', 10],
  ['test/scenarios/sdp-clients.test.ts', 10],
  ['server/cluster/open-cluster.test.ts', 10],
  ['client/test/conversation.test.ts', 10],
  ['media/phones/phone-threads.test.ts', 10],
  ['test/sip/phones/records.test.ts', 10],
  ['test/cluster/shard-failover.test.ts', 9],
  ['media/sdp/fuzz.test.ts', 9],
  ['test/cluster/call-scenarios.test.ts', 9],
  ['media/sdp/accepted.test.ts', 9],
  ['test/sip/phones/silent-phones.test.ts', 8],
  ['test/sip/phones/trunk-passwords.test.ts', 8],
  ['test/cluster/pinned.test.ts', 8],
  ['cluster/redis/redis-sharded.test.ts', 8],
  ['test/scenarios/media-leaks.test.ts', 8],
  ['cluster/redis/redis-directory.test.ts', 8],
  ['test/cluster/cut-from-redis.test.ts', 8],
  ['media/mediasoup/engine.test.ts', 8],
  ['test/faults/thousand-rooms.test.ts', 8],
  ['media/recording/recording-limits.test.ts', 7],
  ['test/scenarios/whip-whep.test.ts', 7],
]);

/** Of every other file that has a process of its own. */
const otherSeconds = 3;

/** Files beside `test/e2e` whose browsers or pictures take more of the processor than others do. */
export const withBrowsers: ReadonlySet<string> = new Set([
  'media/sdp/real-worker.test.ts',
  'test/scenarios/closed-networks.test.ts',
  'test/scenarios/direct-firefox.test.ts',
  'test/scenarios/e2ee-firefox.test.ts',
  'test/scenarios/e2ee.test.ts',
  'test/scenarios/firefox.test.ts',
  'test/scenarios/media-impaired.test.ts',
  'test/scenarios/recorded-codecs.test.ts',
  'test/scenarios/sdp-clients.test.ts',
  'test/scenarios/sdp-layers.test.ts',
  'test/scenarios/slow-signaling.test.ts',
  'test/scenarios/whip-whep-page.test.ts',
]);

const hasBrowsers = (path: string): boolean => path.startsWith('test/e2e/') || withBrowsers.has(path);
const secondsOf = (path: string): number => longFiles.get(path) ?? otherSeconds;

/**
 * The longest first, of those with browsers and of the others, and both mixed so that they last equally long: with all browsers
 * at the beginning, as many as there are workers run at once there and none later.
 */
export function inOrder(paths: readonly string[]): string[] {
  const queues = [true, false].map((browsers) => {
    const files = paths.filter((path) => hasBrowsers(path) === browsers);
    files.sort((one, other) => secondsOf(other) - secondsOf(one));
    return { files, total: files.reduce((sum, path) => sum + secondsOf(path), 0) };
  });
  const placed = queues.flatMap(({ files, total }) => {
    let before = 0;
    return files.map((path) => {
      const share = before / total;
      before += secondsOf(path);
      return { path, share };
    });
  });
  return placed.sort((one, other) => one.share - other.share).map(({ path }) => path);
}

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const pathOf = ({ moduleId }: TestSpecification) => relative(this.ctx.config.root, moduleId);
    const own = new Map(files.filter(({ project }) => project.config.isolate).map((file) => [pathOf(file), file]));
    // Files that share a process come last and in a row: vitest ends the process where another kind follows.
    const shared = files.filter(({ project }) => !project.config.isolate);
    return [...inOrder([...own.keys()]).flatMap((path) => own.get(path) ?? []), ...shared];
  }
}
