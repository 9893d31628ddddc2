import { networkChaos } from './network-chaos.ts';
import { cutFromPeers } from './network-faults.ts';

networkChaos(cutFromPeers());
