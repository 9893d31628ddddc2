// The manifests, read as Kubernetes reads them: no cluster is needed.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Config } from '../../server/config/schema.ts';
import { loadConfig } from '../../server/config.ts';
import { readYaml } from './read-yaml.ts';
import { findRedisProblem } from './redis-arguments.ts';

interface Port {
  readonly name: string;
  readonly containerPort: number;
  readonly hostPort?: number;
  readonly protocol?: string;
}

interface Container {
  readonly image: string;
  readonly args?: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value?: string; readonly valueFrom?: object }[];
  readonly ports: readonly Port[];
  readonly livenessProbe?: { readonly httpGet: { readonly path: string; readonly port: string } };
  readonly readinessProbe?: { readonly httpGet: { readonly path: string; readonly port: string } };
  readonly lifecycle?: { readonly preStop: { readonly exec: { readonly command: readonly string[] } } };
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
}

interface PodSpec {
  readonly terminationGracePeriodSeconds: number;
  readonly securityContext: { readonly runAsNonRoot: boolean; readonly runAsUser: number };
  readonly containers: readonly Container[];
  readonly volumes?: readonly { readonly name: string }[];
}

/** What is read of any of them; each kind has its own of these. */
interface Spec {
  readonly template: { readonly spec: PodSpec };
  readonly serviceName: string;
  readonly replicas: number;
  readonly volumeClaimTemplates: readonly object[];
  readonly ports: readonly { readonly targetPort: string }[];
  readonly ingress: readonly { readonly from?: readonly object[]; readonly ports: readonly object[] }[];
  readonly scaleTargetRef: object;
  readonly minReplicas: number;
}

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly data?: Readonly<Record<string, string>>;
  readonly spec: Spec;
}

const manifests = ['parley', 'redis'].flatMap((name) => readYaml(`deploy/kubernetes/${name}.yaml`) as Manifest[]);
const find = (kind: string, name = 'parley'): Manifest => {
  const found = manifests.find((it) => it.kind === kind && it.metadata.name === name);
  if (!found) throw new Error(`there is no ${kind} ${name}`);
  return found;
};
const pod = find('StatefulSet').spec.template.spec;
const [container] = pod.containers as readonly [Container];

/** The options that a pod ends up with, with what a patch adds to its environment. */
function configOfPod(more: NonNullable<Container['env']> = []): Config {
  const folder = mkdtempSync(join(tmpdir(), 'parley-kubernetes-'));
  try {
    writeFileSync(join(folder, 'token-key'), 'k'.repeat(64));
    const file = join(folder, 'parley.yaml');
    writeFileSync(file, (find('ConfigMap').data?.['parley.yaml'] ?? '').replace('/run/secrets/parley', folder));
    // What comes of the pod and of its secret.
    const fromElsewhere: Record<string, string> = {
      'cluster-secret': 'c'.repeat(64),
      'metrics-token': 'm'.repeat(64),
      'metadata.name': 'parley-0',
      'status.podIP': '10.1.2.3',
      'status.hostIP': '203.0.113.7',
    };
    const read = (valueFrom: object | undefined): string => {
      const [source] = Object.values(valueFrom ?? {}) as { key?: string; fieldPath?: string }[];
      return fromElsewhere[source?.key ?? source?.fieldPath ?? ''] ?? '';
    };
    const env = Object.fromEntries(
      [...(container.env ?? []), ...more].map(({ name, value, valueFrom }) => [name, value ?? read(valueFrom)]),
    );
    return loadConfig({ file, env }).config;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const config = configOfPod();

describe('the manifests for Kubernetes', () => {
  test('set options that exist, and each pod is told apart and reached by its own address', () => {
    expect(config).toMatchObject({
      redis: { url: 'redis://parley-redis:6379' },
      node: { name: 'parley-0', rpcAnnounced: '10.1.2.3', pipeAnnounced: '10.1.2.3' },
      media: { announcedAddress: '203.0.113.7' },
      metrics: { token: 'm'.repeat(64) },
    });
  });

  test('take the media ports of the machine, one a worker, under the same numbers', () => {
    const { port, workers } = config.media;
    const wished = Array.from({ length: workers }, (_, place) =>
      ['UDP', 'TCP'].map((kind) => `${port + place} ${kind}`),
    );
    const media = container.ports.filter(({ name }) => name.startsWith('media-'));
    expect(media.map(({ hostPort, protocol }) => `${hostPort} ${protocol}`)).toEqual(wished.flat());
    for (const { containerPort, hostPort } of media) expect(hostPort).toBe(containerPort);
  });

  test('lead services to ports that the container has', () => {
    const names = container.ports.map(({ name }) => name);
    for (const name of ['parley', 'parley-nodes']) {
      for (const { targetPort } of find('Service', name).spec.ports) expect(names).toContain(targetPort);
    }
    expect(find('StatefulSet').spec.serviceName).toBe('parley-nodes');
    expect(container.ports.find(({ name }) => name === 'http')?.containerPort).toBe(config.gateway.port);
    expect(container.ports.find(({ name }) => name === 'rpc')?.containerPort).toBe(config.node.rpcPort);
  });

  test('ask /health whether a pod lives, and /ready whether it is to be used', () => {
    expect(container.livenessProbe?.httpGet).toEqual({ path: '/health', port: 'http' });
    expect(container.readinessProbe?.httpGet).toEqual({ path: '/ready', port: 'http' });
  });

  test('give a pod longer to stop than it may drain', () => {
    const preStop = container.lifecycle?.preStop.exec.command ?? [];
    expect(preStop.slice(0, 4)).toEqual(['node', 'dist/server/main.js', 'drain', '--wait']);
    const deadlineMs = Number(/^(\d+)s$/.exec(preStop.at(-1) ?? '')?.[1]) * 1_000;
    const neededMs = deadlineMs + config.shutdown.drainMs + 10_000;
    expect(pod.terminationGracePeriodSeconds * 1_000).toBeGreaterThanOrEqual(neededMs);
  });

  test('run as the user of the image, and mount what they name', () => {
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1_000 });
    const volumes = pod.volumes?.map(({ name }) => name);
    for (const { name } of container.volumeMounts) expect(volumes).toContain(name);
    const paths = container.volumeMounts.map(({ mountPath }) => mountPath);
    expect(paths).toEqual(expect.arrayContaining(['/etc/parley', '/run/secrets/parley', '/var/lib/parley']));
  });

  test('open to everybody what clients need, and to other nodes alone what is theirs', () => {
    const [clients, others] = find('NetworkPolicy').spec.ingress;
    const { port, workers } = config.media;
    expect(clients?.from).toBeUndefined();
    expect(clients?.ports).toEqual([
      { protocol: 'TCP', port: config.gateway.port },
      { protocol: 'UDP', port, endPort: port + workers - 1 },
      { protocol: 'TCP', port, endPort: port + workers - 1 },
    ]);
    expect(others?.from).toEqual([{ podSelector: { matchLabels: { app: 'parley' } } }]);
    expect(others?.ports).toEqual([
      { protocol: 'TCP', port: config.node.rpcPort },
      { protocol: 'UDP', port: config.node.pipePortMin, endPort: config.node.pipePortMax },
    ]);
  });

  test('let one pod at a time go, and scale what there is', () => {
    const set = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'parley' };
    expect(find('HorizontalPodAutoscaler').spec.scaleTargetRef).toEqual(set);
    expect(find('HorizontalPodAutoscaler').spec.minReplicas).toBe(find('StatefulSet').spec.replicas);
    expect(find('PodDisruptionBudget').spec).toEqual({
      maxUnavailable: 1,
      selector: { matchLabels: { app: 'parley' } },
    });
  });

  test('have a Redis that forgets nothing, for the nodes alone', () => {
    const spec = find('StatefulSet', 'parley-redis').spec;
    expect(findRedisProblem(spec.template.spec.containers[0]?.args ?? [])).toBeUndefined();
    expect(spec.volumeClaimTemplates).toHaveLength(1);
    const [nodes] = find('NetworkPolicy', 'parley-redis').spec.ingress;
    expect(nodes?.from).toEqual([{ podSelector: { matchLabels: { app: 'parley' } } }]);
  });
});

describe('the patch for phones', () => {
  const [patch] = readYaml('deploy/kubernetes/phones/statefulset.patch.yaml') as [
    { spec: { template: { spec: PodSpec } } },
  ];
  const patched = patch.spec.template.spec as PodSpec & { readonly hostNetwork: boolean };
  const [added] = patched.containers as readonly [Container & { readonly name: string }];
  const { sip, shutdown } = configOfPod(added.env);

  test('has phones, told of an address that they reach, in the network of the machine', () => {
    expect(sip).toMatchObject({ enabled: true, media: { announcedAddress: '203.0.113.7' } });
    expect(added.name).toBe('parley');
    expect(patched.hostNetwork).toBe(true);
    // In that network all ports of the range are there; those that are named must be the ones that are listened on.
    const named = added.ports.map(
      ({ containerPort, hostPort, protocol }) => `${containerPort} ${hostPort} ${protocol}`,
    );
    expect(named).toEqual(sip.listen.map(({ protocol, port }) => `${port} ${port} ${protocol}`));
  });

  test('gives calls longer, and mounts the plan that it names', () => {
    const deadlineMs = 45_000;
    expect(container.lifecycle?.preStop.exec.command.at(-1)).toBe('45s');
    expect(patched.terminationGracePeriodSeconds * 1_000).toBeGreaterThanOrEqual(
      deadlineMs + shutdown.drainMs + 10_000,
    );
    const [mount] = added.volumeMounts;
    expect(sip.planFile).toBe(`${mount?.mountPath}/dial-plan.yaml`);
    expect(patched.volumes?.map(({ name }) => name)).toEqual([mount?.name]);
  });
});
