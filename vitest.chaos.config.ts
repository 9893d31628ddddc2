import { defineConfig } from 'vitest/config';

// One fault after another: each has three nodes, and measures how long people wait.
export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 1,
    include: ['test/chaos/*.chaos.ts'],
    disableConsoleIntercept: true,
  },
});
