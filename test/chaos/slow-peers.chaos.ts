import { networkChaos } from './network-chaos.ts';
import { slowPeers } from './network-faults.ts';

networkChaos(slowPeers(200, 5));
