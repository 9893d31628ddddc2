import { chaosTest } from './chaos-test.ts';
import { killNode } from './faults.ts';

chaosTest(killNode());
