// Media: what forwarding costs in a room, how little of many microphones is forwarded, how fast people come in.

import { reasons } from './media/reasons.ts';
import { fanOut } from './media/workloads/fan-out.ts';
import { janus } from './media/workloads/janus.ts';
import { joinStorm } from './media/workloads/join-storm.ts';
import { openMicrophones } from './media/workloads/open-microphones.ts';
import { recording } from './media/workloads/recording.ts';
import { twoWorkers } from './media/workloads/two-workers.ts';
import { workerDeath } from './media/workloads/worker-death.ts';
import { runWorkloads } from './support/run-workloads.ts';

await runWorkloads({
  name: 'media',
  title: 'Media: rooms, voices and joins',
  method: () =>
    'Callers have real ICE, DTLS and SRTP and are processes of their own on the same machine. What is compared has the same callers and takes turns; figures are medians of the turns where nothing else is said.',
  workloads: {
    'fan-out': fanOut,
    janus,
    workers: twoWorkers,
    floor: openMicrophones,
    joins: joinStorm,
    death: workerDeath,
    recording,
  },
  reasons,
  packages: ['mediasoup', 'node-datachannel'],
});
