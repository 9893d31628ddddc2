// What Prometheus is asked for must be what a server says of itself.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
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

/** A plan with all that a trunk may have: its metrics are there where there is something to count. */
const plan = `
trunks:
  - name: provider
    outbound: { targets: 'sip:127.0.0.1:9', probeSeconds: 0 }
    register: { registrar: 'sip:127.0.0.1:9', user: parley, password: of-the-trunk }
`;

/** What a server says of itself: by the name of each metric its labels, with the values that they have now. */
function readExposition(text: string): ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>> {
  const known = new Map<string, Map<string, Set<string>>>();
  for (const [, name = '', type] of text.matchAll(/^# TYPE (\S+) (\S+)$/gm)) {
    const suffixes = type === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
    for (const suffix of suffixes) known.set(name + suffix, new Map());
  }
  for (const [, name = '', labels = ''] of text.matchAll(/^([a-z_0-9]+)\{([^}]*)\} /gm)) {
    for (const [, label = '', value = ''] of labels.matchAll(/(\w+)="([^"]*)"/g)) {
      const values = known.get(name) ?? new Map<string, Set<string>>();
      values.set(label, (values.get(label) ?? new Set<string>()).add(value));
    }
  }
  return known;
}

/** `name{label="value"}` of a query: each label with the values that it is compared with. */
const matchersIn = (query: string) =>
  [...query.matchAll(/\b(parley_[a-z0-9_]+)\{([^}]*)\}/g)].flatMap(([, name = '', labels = '']) =>
    [...labels.matchAll(/(\w+)(?:=|!=|=~|!~)"([^"]*)"/g)].map(([, label = '', values = '']) => ({
      name,
      label,
      values: values.split('|'),
    })),
  );

test.skipIf(!requireOrSkip('mediasoup'))(
  'all metrics of the dashboard, of the alerts and of the documents are metrics of a node',
  async () => {
    const cluster = new MemoryCluster();
    const folder = await mkdtemp(join(tmpdir(), 'parley-monitoring-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const planFile = join(folder, 'plan.yaml');
    await writeFile(planFile, plan);
    // Those of SIP and of phones are there with SIP and a plan only.
    const socket = { address: '127.0.0.1', port: 0, advertise: [], certFile: '', keyFile: '', caFile: '', origins: [] };
    const media = { listenIp: '127.0.0.1', threads: 1 };
    const sip = { enabled: true, listen: [{ protocol: 'UDP', ...socket }], planFile, media } as const;
    await using server = await startServer({ sip }, { engines: cluster.join('one') });
    const known = readExposition(await readMetrics(server.url));
    // Registered with the first call to another node.
    const later = new Set(['_bucket', '_count'].map((suffix) => `parley_cluster_rpc_seconds${suffix}`));

    const queries = [...panels.flatMap(({ targets = [] }) => targets), ...alerts].map(({ expr }) => expr);
    const asked = new Set(queries.flatMap(metricsIn));
    expect(asked.size).toBeGreaterThan(40);
    expect([...asked].filter((name) => !known.has(name) && !later.has(name))).toEqual([]);

    // A label that no metric has, or a value that it never has, is an alert that never comes.
    for (const { name, label, values } of queries.flatMap(matchersIn)) {
      const has = known.get(name);
      if (has === undefined || has.size === 0) continue;
      expect([name, label, has.has(label)]).toEqual([name, label, true]);
      for (const value of values)
        expect([name, label, [...(has.get(label) ?? [])]]).toEqual([name, label, expect.arrayContaining([value])]);
    }

    const documented = ['docs/sip.md', 'docs/operations.md'].flatMap((file) => metricsIn(readText(file)));
    const isKnown = (name: string) =>
      known.has(name) || known.has(`${name}_bucket`) || [...later].some((one) => one.startsWith(name));
    expect(documented.filter((name) => !isKnown(name) && !name.endsWith('_'))).toEqual([]);
    const ofPhones = [...known.keys()].filter((name) => /^parley_(phone|phones|sip|trunk)_/.test(name));
    expect(ofPhones.length).toBeGreaterThan(30);
    const told = new Set(metricsIn(readText('docs/sip.md')));
    expect(ofPhones.filter((name) => !told.has(name))).toEqual([]);
  },
);
