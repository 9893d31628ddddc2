import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { LongestFirst, longFiles } from './scripts/testing/longest-first.ts';
import { ownProcess, sharedFiles } from './scripts/testing/projects.ts';

// libwebrtc for Node crashes the process of send-side.test.ts in about one run of three, where connections live for
// milliseconds. By itself: `npm run test:send-side`. What it tests runs for real in client/test and test/e2e.
const exclude = [
  '**/node_modules/**',
  'dist/**',
  ...(process.env['PARLEY_TEST_SEND_SIDE'] ? [] : ['client/src/media/send-side.test.ts']),
];
const together = sharedFiles(import.meta.dirname, new Set([...ownProcess, ...longFiles.keys()]));

export default defineConfig({
  test: {
    pool: 'forks',
    // Tests wait for something more than half of the time: two more at once than there are cores, and these are hardly idle.
    maxWorkers: availableParallelism() + 2,
    sequence: { sequencer: LongestFirst },
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // Two and no more: each transforms what its files import for itself.
    projects: [
      { extends: true, test: { name: 'together', include: together, exclude, isolate: false } },
      {
        extends: true,
        test: { name: 'alone', include: ['**/*.test.ts', '**/*.test.tsx'], exclude: [...exclude, ...together] },
      },
    ],
  },
});
