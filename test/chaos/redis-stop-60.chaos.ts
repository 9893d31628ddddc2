import { chaosTest } from './chaos-test.ts';
import { stopRedis } from './faults.ts';

chaosTest(stopRedis(60));
