// What Prometheus is asked for must be what a server says of itself.

import { describe, expect, test } from 'vitest';
import { MemoryCluster } from '../../cluster/memory/memory-cluster.ts';
import { readMetrics } from '../support/read-metrics.ts';
import { requireOrSkip } from '../support/require.ts';
import { startServer } from '../support/start-server.ts';
import { readText, readYaml } from './read-yaml.ts';

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly datasource?: { readonly uid: string };
  readonly targets?: readonly { readonly expr: string }[];
}

const dashboard = JSON.parse(readText('deploy/grafana/dashboards/parley.json')) as {
  readonly uid: string;
  readonly panels: readonly Panel[];
};
const panels = dashboard.panels.filter(({ type }) => type !== 'row');
const alerts = (
  readYaml('deploy/prometheus/alerts.yml')[0] as { groups: { rules: { alert: string; expr: string }[] }[] }
).groups.flatMap(({ rules }) => rules);

/** Names of metrics in a query: no functions, labels or words of PromQL. */
const metricsIn = (query: string): string[] =>
  [...query.matchAll(/\b(?:parley|process|nodejs)_[a-z0-9_]+/g)].map(([name]) => name);

describe('the dashboard for Grafana', () => {
  test('has a query in each panel, and no two panels in one place', () => {
    expect(panels.filter(({ targets = [] }) => targets.length === 0)).toEqual([]);
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
    const places = dashboard.panels.map(({ gridPos: { x, y } }) => `${x} ${y}`);
    expect(new Set(places).size).toBe(places.length);
    for (const { gridPos } of dashboard.panels) expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
  });

  test('asks the Prometheus that is set up beside it', () => {
    const [{ datasources }] = readYaml('deploy/grafana/provisioning/datasources/prometheus.yml') as [
      { datasources: { uid: string; url: string }[] },
    ];
    expect(new Set(panels.map(({ datasource }) => datasource?.uid))).toEqual(new Set([datasources[0]?.uid]));
    expect(datasources[0]?.url).toBe('http://prometheus:9090');
  });
});

test('Prometheus reads every node of docker-compose.yml, and the file of alerts that is mounted beside', () => {
  const [{ rule_files, scrape_configs }] = readYaml('deploy/prometheus/prometheus.yml') as [
    { rule_files: string[]; scrape_configs: { static_configs: { targets: string[] }[] }[] },
  ];
  const [{ services }] = readYaml('docker-compose.yml') as [{ services: Record<string, { volumes?: string[] }> }];
  const nodes = Object.keys(services).filter((name) => name.startsWith('node-'));
  expect(scrape_configs.flatMap((it) => it.static_configs.flatMap(({ targets }) => targets))).toEqual(
    nodes.map((name) => `${name}:8080`),
  );
  for (const file of rule_files) {
    expect(services['prometheus']?.volumes?.some((volume) => volume.includes(`:/etc/prometheus/${file}:`))).toBe(true);
  }
});

test.skipIf(!requireOrSkip('mediasoup'))(
  'all metrics of the dashboard and of the alerts are metrics of a node',
  async () => {
    const cluster = new MemoryCluster();
    // Those of SIP are there with SIP only.
    const socket = { address: '127.0.0.1', port: 0, advertise: [], certFile: '', keyFile: '', caFile: '', origins: [] };
    const sip = { enabled: true, listen: [{ protocol: 'UDP', ...socket }] } as const;
    await using server = await startServer({ sip }, { engines: cluster.join('one') });
    const text = await readMetrics(server.url);
    const known = new Set<string>();
    for (const [, name = '', type] of text.matchAll(/^# TYPE (\S+) (\S+)$/gm)) {
      const suffixes = type === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
      for (const suffix of suffixes) known.add(name + suffix);
    }
    // Registered with the first call to another node.
    for (const suffix of ['_bucket', '_count']) known.add(`parley_cluster_rpc_seconds${suffix}`);
    const queries = [...panels.flatMap(({ targets = [] }) => targets), ...alerts].map(({ expr }) => expr);
    const asked = new Set(queries.flatMap(metricsIn));
    expect(asked.size).toBeGreaterThan(25);
    expect([...asked].filter((name) => !known.has(name))).toEqual([]);
  },
);
