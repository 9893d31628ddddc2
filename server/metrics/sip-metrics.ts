import { servedMethods } from '../../sip/agent/user-agent/context.ts';
import type { SipStats } from '../../sip/open-sip.ts';
import type { PulledMetric } from './pulled-metrics.ts';

export const sipMetrics: readonly PulledMetric<SipStats>[] = [
  { name: 'sip_calls', help: 'Calls now, those that ring too.', read: ({ agent }) => agent.calls },
  { name: 'sip_dialogs', help: 'SIP dialogs now.', read: ({ agent }) => agent.dialogs },
  {
    name: 'sip_transactions',
    help: 'SIP transactions now, of either side.',
    label: 'side',
    read: ({ agent: { transactions } }) => ({ client: transactions.clients, server: transactions.servers }),
  },
  {
    name: 'sip_flows',
    help: 'Connections, and other sides that are known by UDP.',
    label: 'protocol',
    read: ({ agent }) => ({ ...agent.flows }),
  },
  {
    name: 'sip_applications',
    help: 'Applications that are connected by the protocol of drachtio.',
    read: ({ apps }) => apps,
  },
  {
    name: 'sip_requests_received_total',
    help: 'SIP requests that came, those that came again too.',
    label: 'method',
    read: ({ agent }) => pick(agent.messages, 'in', false),
  },
  {
    name: 'sip_requests_sent_total',
    help: 'SIP requests that were sent, each once.',
    label: 'method',
    read: ({ agent }) => pick(agent.messages, 'out', false),
  },
  {
    name: 'sip_responses_received_total',
    help: 'SIP responses that came, those that came again too.',
    label: 'status',
    read: ({ agent }) => pick(agent.messages, 'in', true),
  },
  {
    name: 'sip_responses_sent_total',
    help: 'SIP responses that were sent, each once; those that are given without a transaction each time.',
    label: 'status',
    read: ({ agent }) => pick(agent.messages, 'out', true),
  },
  {
    name: 'sip_retransmissions_total',
    help: 'SIP messages that were sent again.',
    label: 'message',
    read: ({ agent }) => known(agent.transactions.retransmissions),
  },
  {
    name: 'sip_parse_failures_total',
    help: 'What came and was no SIP (unreadable), or was refused for its form, by status.',
    label: 'status',
    read: ({ agent }) => Object.fromEntries(agent.faults),
  },
  {
    name: 'sip_transport_dropped_total',
    help: 'What the transports threw away: connections over a limit, framing errors, queues that were full, noise, connections without a pong.',
    label: 'reason',
    read: ({ agent }) => Object.fromEntries(agent.dropped),
  },
  {
    name: 'sip_stopped_total',
    help: 'Messages, connections and requests that a rule of the defence turned away.',
    label: 'rule',
    read: ({ defence }) => defence.stopped,
  },
  {
    name: 'sip_offences_total',
    help: 'What counts towards a ban.',
    label: 'kind',
    read: ({ defence }) => defence.offences,
  },
  { name: 'sip_bans_total', help: 'Bans of sources.', read: ({ defence }) => defence.bans },
  { name: 'sip_sources_banned', help: 'Sources that are banned now.', read: ({ defence }) => defence.bannedNow },
  { name: 'sip_sources', help: 'Sources that are remembered.', read: ({ defence }) => defence.sources },
  {
    name: 'sip_transactions_refused_total',
    help: 'Requests that got 503 since there were too many transactions, and 482 since they came on two ways.',
    label: 'why',
    read: ({ agent: { transactions } }) => ({ full: transactions.refused, merged: transactions.merged }),
  },
  {
    name: 'sip_stray_responses_total',
    help: 'SIP responses that belonged to nothing.',
    read: ({ agent }) => agent.transactions.strayResponses,
  },
  {
    name: 'sip_kept_flows',
    help: 'Connections that the server opened and pings, and ways of registrations over UDP.',
    read: ({ agent }) => agent.keptFlows,
  },
  { name: 'sip_dead_targets', help: 'Addresses that did not answer lately.', read: ({ agent }) => agent.deadTargets },
  {
    name: 'sip_traced_calls',
    help: 'Calls whose messages are kept for `parley sip trace`.',
    read: ({ ladders }) => ladders?.calls ?? 0,
  },
  {
    name: 'sip_traced_bytes',
    help: 'Bytes of these messages, about.',
    read: ({ ladders }) => ladders?.bytes ?? 0,
  },
];

/** Of `in INVITE`, `out 200`: those of one direction, by status or by method. */
function pick(messages: ReadonlyMap<string, number>, direction: 'in' | 'out', byStatus: boolean) {
  const mine = [...messages].filter(([what]) => what.startsWith(`${direction} `));
  const named = mine.map(([what, count]) => [what.slice(direction.length + 1), count] as const);
  return known(new Map(named.filter(([what]) => /^\d{3}$/.test(what) === byStatus)));
}

/** Others choose methods: those that are not served have one name together, or labels would grow without bound. */
function known(counts: ReadonlyMap<string, number>): Record<string, number> {
  const named: Record<string, number> = {};
  for (const [what, count] of counts) {
    const name = servedMethods.has(what) || /^\d{3}$/.test(what) ? what : 'other';
    named[name] = (named[name] ?? 0) + count;
  }
  return named;
}
