import { chaosTest } from './chaos-test.ts';
import { olderRedis } from './faults.ts';

chaosTest(olderRedis());
