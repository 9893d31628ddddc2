// SIP: what a call costs the agent and its application, how many there may be, and what one holds.

import { reasons } from './sip/reasons.ts';
import { cost } from './sip/workloads/cost.ts';
import { memory } from './sip/workloads/memory.ts';
import { rate } from './sip/workloads/rate.ts';
import { runWorkloads } from './support/run-workloads.ts';

await runWorkloads({
  name: 'sip',
  title: 'SIP: calls by the embedded agent',
  method: () =>
    'The agent and an application on drachtio-srf share a process on one core, with every rule of defence on; sipp calls from the other one.',
  workloads: { cost, rate, memory },
  reasons,
  packages: ['drachtio-srf'],
});
