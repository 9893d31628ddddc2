import { chaosTest } from './chaos-test.ts';
import { stopNode } from './faults.ts';

chaosTest(stopNode(20));
