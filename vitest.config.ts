import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['**/*.test.ts', '**/*.test.tsx'],
    // libwebrtc for Node crashes the process of send-side.test.ts in about one run of three, where connections live for
    // milliseconds. By itself: `npm run test:send-side`. What it tests runs for real in client/test and test/e2e.
    exclude: [
      '**/node_modules/**',
      'dist/**',
      ...(process.env['PARLEY_TEST_SEND_SIDE'] ? [] : ['client/src/media/send-side.test.ts']),
    ],
    pool: 'forks',
    // Many tests wait for something most of the time: two at once take little longer than one, on two cores as well.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    testTimeout: 20_000,
    hookTimeout: 60_000,
  },
});
