// The order of the test files: what takes long begins first, so that all workers end together. Without this, vitest knows it
// only on a machine where it ran before.

import { relative } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Seconds on two quiet cores; about right is enough. */
export const longFiles: ReadonlyMap<string, number> = new Map([
  ['test/e2e/call.test.ts', 120],
  ['test/e2e/chat.test.ts', 115],
  ['test/e2e/page-accessibility.test.ts', 91],
  ['test/scenarios/media-impaired.test.ts', 83],
  ['test/scenarios/closed-networks.test.ts', 71],
  ['test/e2e/chat-recovery.test.ts', 69],
  ['test/scenarios/chat-stress.test.ts', 64],
  ['client/test/recording.test.ts', 63],
  ['test/scenarios/e2ee.test.ts', 57],
  ['test/e2e/layers.test.ts', 48],
  ['test/e2e/silent-path.test.ts', 44],
  ['client/test/recovery.test.ts', 38],
  ['test/e2e/direct.test.ts', 38],
  ['test/scenarios/sdp-layers.test.ts', 34],
  ['test/chaos/chaos.test.ts', 33],
  ['test/e2e/quality.test.ts', 33],
  ['client/test/direct-paths.test.ts', 31],
  ['test/cluster/scenarios.test.ts', 30],
  ['server/app.test.ts', 28],
  ['test/faults/stalled-readers.test.ts', 28],
  ['test/scenarios/firefox.test.ts', 27],
  ['client/test/direct.test.ts', 26],
  ['test/e2e/encryption.test.ts', 25],
  ['test/e2e/recording.test.ts', 24],
  ['client/test/direct-rules.test.ts', 23],
  ['media/recording/recorder-process.test.ts', 23],
  ['test/e2e/doctor.test.ts', 23],
  ['test/scenarios/e2ee-firefox.test.ts', 22],
  ['test/cluster/redis-away.test.ts', 18],
  ['test/cluster/call-scenarios.test.ts', 14],
  ['client/test/chat.test.ts', 22],
  ['media/room-routers.test.ts', 21],
  ['media/sdp/real-worker.test.ts', 21],
  ['media/recording/compose.test.ts', 21],
  ['media/floor/floor.test.ts', 19],
  ['test/sip/loss.test.ts', 19],
  ['test/sip/sipp.test.ts', 18],
  ['test/faults/stores.test.ts', 19],
  ['media/sdp/accepted.test.ts', 17],
  ['cluster/sqlite/sqlite-faults.test.ts', 13],
  ['test/sip/fuzz.test.ts', 13],
  ['media/sdp/fuzz.test.ts', 13],
  ['server/doctor/reach.test.ts', 12],
  ['test/scenarios/sdp-clients.test.ts', 12],
  ['test/scenarios/whip-whep.test.ts', 12],
  ['cluster/sqlite/sqlite-room-log.test.ts', 12],
  ['media/call.test.ts', 12],
  ['server/cli/recording.test.ts', 11],
]);

/** Of every other file that has a process of its own. */
const otherSeconds = 3;

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const root = this.ctx.config.root;
    const seconds = ({ moduleId, project }: TestSpecification): number =>
      // Files that share a process come last and in a row: vitest ends the process where another kind follows.
      project.config.isolate ? (longFiles.get(relative(root, moduleId)) ?? otherSeconds) : 0;
    return files.toSorted((one, other) => seconds(other) - seconds(one));
  }
}
