import { networkChaos } from './network-chaos.ts';
import { wrongClock } from './network-faults.ts';

networkChaos(wrongClock(5));
