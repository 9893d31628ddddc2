import { networkChaos } from './network-chaos.ts';
import { cutFromAll } from './network-faults.ts';

networkChaos(cutFromAll(20));
