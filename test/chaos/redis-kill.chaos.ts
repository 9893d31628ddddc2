import { chaosTest } from './chaos-test.ts';
import { killRedis } from './faults.ts';

chaosTest(killRedis());
