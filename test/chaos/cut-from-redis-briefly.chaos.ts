import { networkChaos } from './network-chaos.ts';
import { blinkFromRedis } from './network-faults.ts';

networkChaos(blinkFromRedis());
