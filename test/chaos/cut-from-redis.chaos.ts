import { networkChaos } from './network-chaos.ts';
import { cutFromRedis } from './network-faults.ts';

networkChaos(cutFromRedis());
