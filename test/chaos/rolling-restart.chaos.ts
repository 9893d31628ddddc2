import { chaosTest } from './chaos-test.ts';
import { drainOptions, restartNodes } from './rolling-restart.ts';

const say = (line: string) => process.stderr.write(`${line}\n`);

chaosTest(restartNodes([0, 1, 2], say), {
  people: 20,
  speakers: 4,
  options: ['cluster.leaseMs=10000', 'cluster.beatMs=2000', ...drainOptions],
});
