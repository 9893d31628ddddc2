// The files for Docker, read as Docker reads them: no engine is needed.

import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Config } from '../../server/config/schema.ts';
import { loadConfig } from '../../server/config.ts';
import { packageRoot } from '../../server/package-root.ts';
import { loadPlan } from '../../sip/dial-plan/open-plan.ts';
import { readText, readYaml } from './read-yaml.ts';
import { findRedisProblem } from './redis-arguments.ts';

interface Service {
  readonly image: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly depends_on?: readonly string[] | Readonly<Record<string, unknown>>;
  readonly stop_grace_period?: string;
  readonly secrets?: readonly string[];
  readonly profiles?: readonly string[];
  readonly network_mode?: string;
  readonly networks?: readonly string[] | Readonly<Record<string, { readonly ipv4_address: string }>>;
}

const compose = readYaml('docker-compose.yml')[0] as {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, null>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
};
const { services } = compose;
const nodes = Object.entries(services).filter(([name]) => name.startsWith('node-'));
const given: Readonly<Record<string, string>> = {
  PARLEY_ADDRESS: '203.0.113.7',
  PARLEY_CLUSTER_SECRET: 'c'.repeat(64),
  PARLEY_TURN_SECRET: 't'.repeat(64),
};

/** `${NAME}` and `${NAME:?why}` as Docker fills them in. */
const fillIn = (text: string) =>
  text.replace(/\$\{(\w+)(?::\?[^}]*)?\}/g, (_, name: string) => {
    const value = given[name];
    if (value === undefined) throw new Error(`nobody is told to set ${name}`);
    return value;
  });

/** The options that a node of the file ends up with. */
function configOf({ environment = {} }: Service): Config {
  const folder = mkdtempSync(join(tmpdir(), 'parley-compose-'));
  try {
    const env = Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, fillIn(String(value))]));
    expect(env['PARLEY_CONFIG']).toBe('/etc/parley/parley.yaml');
    const file = join(folder, 'parley.yaml');
    writeFileSync(join(folder, 'key'), 'k'.repeat(64));
    // Where the container has the key, this machine has not.
    writeFileSync(file, readText('deploy/compose/parley.yaml').replace('/run/secrets/parley-key', join(folder, 'key')));
    return loadConfig({ file, env }).config;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const addressOf = (name: string): string => {
  const networks = services[name]?.networks as Readonly<Record<string, { ipv4_address: string }>>;
  return networks['inside']?.ipv4_address ?? '';
};

describe('docker-compose.yml', () => {
  test('has three nodes that are told apart and share Redis and secrets', () => {
    const configs = nodes.map(([, service]) => configOf(service));
    expect(configs.map(({ node }) => node.name)).toEqual(['node-1', 'node-2', 'node-3']);
    expect(new Set(configs.map(({ redis }) => redis.url))).toEqual(new Set(['redis://redis:6379']));
    for (const { media, turn, cluster } of configs) {
      expect(media.announcedAddress).toBe('203.0.113.7');
      expect([turn.secret, cluster.secret]).toEqual(['t'.repeat(64), 'c'.repeat(64)]);
      expect(turn.urls).toHaveLength(2);
    }
  });

  test('maps the ports of browsers and phones to the same numbers outside, and none twice', () => {
    const outside: string[] = [];
    for (const [, service] of nodes) {
      const { media, sip } = configOf(service);
      const browsers = `${media.port}-${media.port + media.workers - 1}`;
      const phones = `${sip.media.portMin}-${sip.media.portMax}`;
      const mapped = [
        `${browsers}:${browsers}/udp`,
        `${browsers}:${browsers}/tcp`,
        ...sip.listen.map(({ protocol, port }) => `${port}:${port}/${protocol.toLowerCase()}`),
        `${phones}:${phones}/udp`,
      ];
      expect(service.ports).toEqual(mapped);
      outside.push(...mapped);
    }
    expect(new Set(outside).size).toBe(outside.length);
    const ranges = nodes.map(([, service]) => configOf(service).sip.media).sort((a, b) => a.portMin - b.portMin);
    for (const [at, { portMin, portMax }] of ranges.entries()) {
      expect(portMax - portMin + 1).toBe(100);
      expect(portMin).toBeGreaterThan(ranges[at - 1]?.portMax ?? 0);
    }
  });

  test('tells phones the address outside, for SIP and for sound, and reads a plan that can be used', async () => {
    for (const [, service] of nodes) {
      const { sip } = configOf(service);
      expect(sip).toMatchObject({ enabled: true, media: { announcedAddress: '203.0.113.7' } });
      for (const { address, advertise } of sip.listen)
        expect([address, advertise]).toEqual(['0.0.0.0', ['203.0.113.7']]);
      expect(service.volumes).toContain(`./deploy/compose/dial-plan.yaml:${sip.planFile}:ro`);
    }
    // Nobody has a password that everybody can read here.
    const { users, trunks, guests } = await loadPlan(join(packageRoot, 'deploy/compose/dial-plan.yaml'));
    expect([users, trunks, guests]).toEqual([[], [], false]);
  });

  test('gives a node longer to stop than it may drain', () => {
    for (const [, service] of nodes) {
      const graceMs = Number(/^(\d+)s$/.exec(service.stop_grace_period ?? '')?.[1]) * 1_000;
      expect(graceMs).toBeGreaterThanOrEqual(configOf(service).shutdown.drainMs + 10_000);
    }
  });

  test('looks whether its services are well, and waits for Redis', () => {
    const unwatched = Object.entries(services).filter(([, { healthcheck }]) => healthcheck === undefined);
    expect(unwatched.map(([name]) => name)).toEqual(['coturn', 'drachtio', 'jaeger']);
    for (const [, { healthcheck, depends_on }] of nodes) {
      expect(healthcheck?.test.join(' ')).toContain("fetch('http://127.0.0.1:8080/health')");
      expect(depends_on).toEqual({ redis: { condition: 'service_healthy' } });
    }
  });

  test('mounts files that are there, and volumes and secrets that it names', () => {
    for (const { volumes = [], secrets = [] } of Object.values(services)) {
      for (const [source = ''] of volumes.map((volume) => volume.split(':'))) {
        const isThere = source.startsWith('./') ? existsSync(join(packageRoot, source)) : source in compose.volumes;
        expect([source, isThere]).toEqual([source, true]);
      }
      for (const secret of secrets) expect(compose.secrets).toHaveProperty([secret]);
    }
  });

  test('has a Redis that forgets nothing', () => {
    expect(findRedisProblem(services['redis']?.command ?? [])).toBeUndefined();
    expect(services['redis']?.volumes).toEqual(['redis-data:/data']);
  });

  test('lets the relay of coturn reach the media ports and nothing else inside', () => {
    const command = (services['coturn']?.command ?? []).map(fillIn);
    expect(command).toContain('--allowed-peer-ip=203.0.113.7');
    expect(command).toContain('--denied-peer-ip=172.16.0.0-172.31.255.255');
    expect(command).toContain(`--static-auth-secret=${given['PARLEY_TURN_SECRET']}`);
  });

  test('starts what nothing talks to yet only when it is asked for', () => {
    expect(services['drachtio']?.profiles).toEqual(['sip']);
    expect(services['jaeger']?.profiles).toEqual(['tracing']);
  });

  test('is believed by the nodes who is nginx and who is Prometheus', () => {
    const [, service] = nodes[0] ?? [];
    const { gateway, metrics } = configOf(service as Service);
    expect(gateway.trustedProxies).toEqual([addressOf('nginx')]);
    expect(metrics.allowedAddresses).toEqual([addressOf('prometheus')]);
  });
});

describe('nginx.conf', () => {
  const conf = readText('deploy/nginx/nginx.conf');

  test('leads to every node, and to nobody else', () => {
    const upstreams = [...conf.matchAll(/server (\S+):8080 /g)].map(([, name]) => name);
    expect(new Set(upstreams)).toEqual(new Set(nodes.map(([name]) => name)));
  });

  test('leads nobody to a node because it has few clients: one that is drained has the fewest', () => {
    expect(conf).not.toMatch(/^\s*(least_conn|least_time|random two least_conn)\b/m);
  });

  test('passes WebSockets on, waits longer than an idle connection, and hides the metrics', () => {
    expect(conf).toContain('proxy_set_header Upgrade $http_upgrade;');
    const [, service] = nodes[0] ?? [];
    const timeoutSeconds = Number(/proxy_read_timeout (\d+)s;/.exec(conf)?.[1]);
    expect(timeoutSeconds).toBeGreaterThan(configOf(service as Service).gateway.idleTimeoutSeconds);
    expect(conf).toMatch(/location = \/metrics \{ return 404; \}/);
    expect((conf.match(/\{/g) ?? []).length).toBe((conf.match(/\}/g) ?? []).length);
  });
});

describe('Dockerfile', () => {
  const dockerfile = readText('deploy/Dockerfile');

  test('builds in one stage and runs in another, as nobody in particular, and says whether it is well', () => {
    expect(dockerfile.match(/^FROM .+$/gm)).toEqual(['FROM node:20-bookworm AS build', 'FROM node:20-bookworm-slim']);
    const last = dockerfile.slice(dockerfile.lastIndexOf('FROM '));
    expect(last).toMatch(/^USER 1000:1000$/m);
    expect(last).toMatch(/^HEALTHCHECK .*\\\n {2}CMD \["node", "-e", "fetch\('http:\/\/127\.0\.0\.1:8080\/health'\)/m);
  });

  test('sets options that exist', () => {
    const env = Object.fromEntries(
      [...dockerfile.matchAll(/(PARLEY_\w+)=(\S+)/g)].map(([, name, value]) => [name, value]),
    );
    const { config } = loadConfig({
      env: { ...env, PARLEY_IDENTITY_JWKS_URL: 'https://idp.example.org/keys', PARLEY_CONFIG: '' },
    });
    expect(config).toMatchObject({ gateway: { host: '0.0.0.0', port: 8_080 }, dataDir: '/var/lib/parley' });
    expect(dockerfile).toMatch(new RegExp(`^EXPOSE 8080 ${config.media.port}/udp ${config.media.port}/tcp 7900`, 'm'));
    expect(dockerfile).toContain(`${config.node.pipePortMin}-${config.node.pipePortMax}/udp`);
    for (const { protocol, port } of config.sip.listen)
      expect(dockerfile).toContain(` ${port}/${protocol.toLowerCase()}`);
  });
});
