import { describe, expect, test } from 'vitest';
import type { MediaStats } from '../../media/media.ts';
import { CallCounter } from '../../sip/trunks/call-counts.ts';
import { createCounters } from '../gateway/gateway-stats.ts';
import { createMetrics, type MetricsSources } from './create-metrics.ts';

const media: MediaStats = {
  workers: [
    { place: 0, pid: 4711, routers: 2, cpuSeconds: 1.5, residentBytes: 1000 },
    { place: 1, pid: 4712, routers: 0, cpuSeconds: 0.5, residentBytes: 2000 },
  ],
  workerDeaths: 1,
  rooms: 2,
  transports: 4,
  transportsBy: { udp: 2, tcp: 1, none: 1 },
  producers: 3,
  consumers: 5,
  receivedPackets: 10,
  receivedBytes: 1000,
  forwardedPackets: 20,
  forwardedBytes: 2000,
};

function createSources(overrides: Partial<MetricsSources> = {}): MetricsSources {
  return {
    gateway: () => createCounters(),
    signaling: () => ({
      sessions: { connected: 3, away: 1 },
      rooms: 2,
      peers: { client: 4, chat: 1, phone: 2 },
      calls: 1,
      ingest: { whip: 1, whep: 2 },
      sdp: { sessions: { publish: 3, subscribe: 4 }, refused: 5 },
      direct: { calls: 1, tried: 3, connected: 2 },
      messages: 7,
      log: { pending: 6, failures: 0, open: 2 },
      logGaps: { epoch: 0, trimmed: 1, fork: 2, slow: 0 },
      logRepairs: {
        waits: 3,
        repairs: { records: 2, epoch: 0, rewound: 1 },
        epochBumps: { chain: 1, behind: 4 },
      },
    }),
    store: () => ({
      appended: 9,
      appendCalls: 3,
      duplicates: 2,
      conflicts: 1,
      refused: 0,
      pending: 4,
      failures: { full: 1, busy: 0, unknown: 0, corrupt: 0, closed: 0, away: 0 },
      writable: false,
    }),
    media: async () => media,
    probes: () => ({ live: 1, opened: { udp: 2, tcp: 3 }, refused: 4 }),
    mediaReady: () => true,
    draining: () => false,
    ...overrides,
  };
}

async function linesOf(metrics: ReturnType<typeof createMetrics>): Promise<string[]> {
  const { text, contentType } = await metrics.render();
  expect(contentType).toContain('text/plain');
  return text.split('\n');
}

describe('the metrics', () => {
  test('show what the parts count', async () => {
    const metrics = createMetrics({ version: '1.2.3' });
    const counters = createCounters();
    counters.connections.json = 5;
    counters.refused.ORIGIN_REFUSED = 2;
    metrics.pullFrom(createSources({ gateway: () => counters }));
    const lines = await linesOf(metrics);
    for (const line of [
      'parley_info{version="1.2.3"} 1',
      'parley_connections{protocol="json"} 5',
      'parley_connections{protocol="chat"} 0',
      'parley_connections_refused_total{reason="ORIGIN_REFUSED"} 2',
      'parley_sessions{state="away"} 1',
      'parley_calls 1',
      'parley_peers{kind="client"} 4',
      'parley_chat_messages_total 7',
      'parley_log_pending_records 6',
      'parley_logs_open 2',
      'parley_log_gaps_total{reason="fork"} 2',
      'parley_log_waits_total 3',
      'parley_log_repairs_total{what="rewound"} 1',
      'parley_log_epoch_bumps_total{why="behind"} 4',
      'parley_store_appended_total 9',
      'parley_store_duplicates_total 2',
      'parley_store_conflicts_total 1',
      'parley_store_pending_records 4',
      'parley_store_failures_total{kind="full"} 1',
      'parley_store_writable 0',
      'parley_notifications_ignored_total 0',
      'parley_log_pulls_total 0',
      'parley_unsent_bytes 0',
      'parley_probes_total{via="tcp"} 3',
      'parley_media_transports_by_protocol{protocol="tcp"} 1',
      'parley_media_workers 2',
      'parley_media_worker_cpu_seconds_total{worker="0"} 1.5',
      'parley_media_packets_forwarded_total 20',
      'parley_media_up 1',
      'parley_draining 0',
    ]) {
      expect(lines).toContain(line);
    }
  });

  test('of a node among others are there where there are others', async () => {
    const metrics = createMetrics({ version: '1' });
    const sent = { part: 1, ask: 0, change: 5, digest: 0, ephemeral: 0, toUsers: 0, control: 0, digests: 0 };
    const rooms = {
      owned: 2,
      framesDropped: { large: 0, garbled: 1, version: 0, cluster: 0, dead: 2, empty: 0 },
      framesSent: sent,
      framesHeard: { ...sent, change: 7 },
      counts: {
        partsAsked: { change: 1, digest: 0, silence: 0 },
        ownerChanges: { dead: 3, left: 0 },
        takeovers: { alive: 0, dead: 4, unknown: 1 },
      },
    };
    const calls = { droppedFrames: 0, triedLinks: 1, lostLinks: 0, refusedCalls: 6, broken: [] };
    metrics.pullFrom(createSources({ cluster: () => ({ ...calls, nodes: 3, up: true, busDelayMs: 2, rooms }) }));
    const lines = await linesOf(metrics);
    for (const line of [
      'parley_cluster_nodes 3',
      'parley_cluster_bus_delay_seconds 0.002',
      'parley_cluster_bus_dropped_total{why="dead"} 2',
      'parley_cluster_bus_frames_sent_total{kind="change"} 5',
      'parley_cluster_bus_frames_heard_total{kind="change"} 7',
      'parley_cluster_parts_asked_total{why="change"} 1',
      'parley_cluster_owner_changes_total{why="dead"} 3',
      'parley_cluster_takeovers_total{from="dead"} 4',
      'parley_cluster_rpc_refused_total 6',
    ]) {
      expect(lines).toContain(line);
    }
  });

  test('of phones are there where phones call', async () => {
    const metrics = createMetrics({ version: '1' });
    const pins = { right: 5, wrong: 9, locked: 2, lockedGroups: 1 };
    const exchange = { lines: 3, incoming: 1, outgoing: 0, phones: 7, pins };
    const thread = { place: 1, legs: 4, rooms: 2, lateMsP50: 0.5, lateMsP99: 3, cpuSeconds: 1.5 };
    const phones = { threads: [thread], threadDeaths: 1, legFailures: 3, legs: 4, refused: 2 };
    const { counts } = new CallCounter();
    const idle = { day: '2026-11-30', calls: 0, counts, minutes: 0, micros: 0, closed: undefined, targets: [] };
    const provider = {
      ...idle,
      name: 'provider',
      calls: 2,
      counts: { incoming: 4, outgoing: 5, answered: 6, failed: { ...counts.failed, busy: 2, limit: 1 } },
      minutes: 7,
      micros: 1_250_000,
      closed: { atMs: 1, day: '2026-11-30', because: 'it looks like fraud' },
      targets: [
        { uri: 'sip:one.example', dead: true, because: '' },
        { uri: 'sip:two.example', dead: false, because: '' },
      ],
      registration: { kind: 'failed', because: '403 Forbidden', nextMs: 1 },
    } as const;
    const registered = { kind: 'registered', because: '', nextMs: 1 } as const;
    const trunks = [
      provider,
      { ...idle, name: 'other', registration: registered },
      { ...idle, name: 'door', registration: undefined },
    ];
    metrics.pullFrom(createSources({ phones: () => ({ exchange, media: phones, trunks }) }));
    const lines = await linesOf(metrics);
    for (const line of [
      'parley_phones_registered 7',
      'parley_phone_calls{state="answered"} 3',
      'parley_phone_pins_total{outcome="wrong"} 9',
      'parley_phone_pin_rules_locked 1',
      'parley_phone_legs 4',
      'parley_phone_legs_refused_total 2',
      'parley_phone_leg_failures_total 3',
      'parley_phone_thread_deaths_total 1',
      'parley_phone_thread_rooms{thread="1"} 2',
      'parley_phone_thread_late_seconds{thread="1"} 0.003',
      'parley_phone_thread_cpu_seconds_total{thread="1"} 1.5',
      'parley_trunk_calls{trunk="provider"} 2',
      'parley_trunk_incoming_calls_total{trunk="provider"} 4',
      'parley_trunk_outgoing_calls_total{trunk="provider"} 5',
      'parley_trunk_answered_calls_total{trunk="provider"} 6',
      'parley_trunk_failed_calls_total{trunk="provider"} 3',
      'parley_trunk_failures_total{cause="busy"} 2',
      'parley_trunk_failures_total{cause="limit"} 1',
      'parley_trunk_failures_total{cause="unreachable"} 0',
      'parley_trunk_minutes_today{trunk="provider"} 7',
      'parley_trunk_spend_today{trunk="provider"} 1.25',
      'parley_trunk_closed{trunk="provider"} 1',
      'parley_trunk_closed{trunk="door"} 0',
      'parley_trunk_targets{trunk="provider"} 2',
      'parley_trunk_targets_dead{trunk="provider"} 1',
      'parley_trunk_registered{trunk="provider"} 0',
      'parley_trunk_registered{trunk="other"} 1',
    ]) {
      expect(lines).toContain(line);
    }
    // A trunk that calls nobody, or registers nowhere, is not taken for one that cannot.
    expect(lines.filter((line) => /^parley_trunk_(targets|registered).*"door"/.test(line))).toEqual([]);
  });

  test('follow the parts: what is gone is gone', async () => {
    const metrics = createMetrics({ version: '1' });
    let stats = media;
    metrics.pullFrom(createSources({ media: async () => stats }));
    await linesOf(metrics);
    stats = { ...media, workers: media.workers.slice(0, 1), forwardedPackets: 25 };
    const lines = await linesOf(metrics);
    expect(lines).toContain('parley_media_packets_forwarded_total 25');
    expect(lines.some((line) => line.startsWith('parley_media_worker_routers{worker="1"}'))).toBe(false);
  });

  test('have the time of calls by method and outcome, and one name for methods that do not exist', async () => {
    const metrics = createMetrics({ version: '1' });
    metrics.observeCall('room.join', 0.004, 'ok');
    metrics.observeCall('room.join', 0.004, 'ROOM_FULL');
    for (let i = 0; i < 100; i++) metrics.observeCall(`guess.${i}`, 0.001, 'UNKNOWN_METHOD');
    const lines = await linesOf(metrics);
    expect(lines).toContain('parley_call_seconds_bucket{le="0.005",method="room.join",outcome="ok"} 1');
    expect(lines).toContain('parley_call_seconds_count{method="room.join",outcome="RESOURCE_EXHAUSTED"} 1');
    expect(lines).toContain('parley_call_seconds_count{method="unknown",outcome="UNIMPLEMENTED"} 100');
    expect(lines.filter((line) => line.startsWith('parley_call_seconds_count'))).toHaveLength(3);
  });

  test('have the time that the store takes', async () => {
    const metrics = createMetrics({ version: '1' });
    metrics.observeAppend(0.004);
    expect(await linesOf(metrics)).toContain('parley_store_append_seconds_bucket{le="0.005"} 1');
  });

  test('have those of the process and its event loop', async () => {
    const text = (await linesOf(createMetrics({ version: '1' }))).join('\n');
    for (const name of [
      'process_cpu_seconds_total',
      'process_resident_memory_bytes',
      'nodejs_eventloop_lag_p99_seconds',
    ]) {
      expect(text).toContain(`\n${name} `);
    }
  });

  test('are collected once for all who ask at once', async () => {
    const metrics = createMetrics({ version: '1' });
    let asked = 0;
    metrics.pullFrom(
      createSources({
        media: async () => {
          asked += 1;
          return media;
        },
      }),
    );
    await Promise.all([metrics.render(), metrics.render(), metrics.render()]);
    expect(asked).toBe(1);
  });

  test('have names that say what they count, in seconds and bytes', async () => {
    const metrics = createMetrics({ version: '1' });
    metrics.pullFrom(createSources());
    const types = (await linesOf(metrics)).filter((line) => line.startsWith('# TYPE parley_'));
    for (const line of types) {
      const [, , name, type] = line.split(' ');
      expect(name).toMatch(/^parley_[a-z_]+$/);
      expect(name?.endsWith('_total')).toBe(type === 'counter');
    }
  });
});
