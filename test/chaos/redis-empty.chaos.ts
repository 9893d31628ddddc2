import { chaosTest } from './chaos-test.ts';
import { emptyRedis } from './faults.ts';

chaosTest(emptyRedis());
