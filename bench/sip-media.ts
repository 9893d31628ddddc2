// Media of phones: what a direct call costs, how many phones one thread mixes, how late they hear, and rtpengine beside it.

import { reasons } from './sip-media/reasons.ts';
import { delay } from './sip-media/workloads/delay.ts';
import { direct } from './sip-media/workloads/direct.ts';
import { mixedRooms } from './sip-media/workloads/mixed-rooms.ts';
import { transcoding } from './sip-media/workloads/transcoding.ts';
import { runWorkloads } from './support/run-workloads.ts';

await runWorkloads({
  name: 'sip-media',
  title: 'Phones in rooms: direct calls, mixing and delay',
  method: () =>
    'The server’s process (main loop and one mixer thread) has one core; its worker shares the other one with phones and browsers, which are a process of their own.',
  workloads: { direct, rooms: mixedRooms, delay, transcoding },
  reasons,
  packages: ['mediasoup', '@evan/opus'],
});
