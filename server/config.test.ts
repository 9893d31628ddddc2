import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { ConfigError } from './config/config-error.ts';
import { optionList } from './config/option-list.ts';
import { createConfig, type FlagSetting, loadConfig } from './config.ts';

const folder = mkdtempSync(join(tmpdir(), 'parley-config-'));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;

function load({ yaml, env = {}, flags = [] }: { yaml?: string; env?: Record<string, string>; flags?: FlagSetting[] }) {
  let file: string | undefined;
  if (yaml !== undefined) {
    file = join(folder, `${files++}.yaml`);
    writeFileSync(file, yaml);
  }
  return loadConfig({ file, env, flags });
}

function problemsOf(sources: Parameters<typeof load>[0]): string[] {
  try {
    load(sources);
  } catch (error) {
    if (error instanceof ConfigError)
      return error.message
        .split('\n')
        .slice(1)
        .map((line) => line.slice(4));
    throw error;
  }
  return [];
}

const set = (path: string, text: string): FlagSetting => ({ flag: '--set', path, text });

describe('the order of sources', () => {
  test('defaults hold where nothing is said', () => {
    const { config, sourceOf } = load({});
    expect(config.gateway.port).toBe(8080);
    expect(config.gateway.host).toBe('127.0.0.1');
    expect(config.media.listenIp).toBe('0.0.0.0');
    expect(sourceOf('gateway.port')).toBe('default');
  });

  test('the file goes before defaults, the environment before the file, flags before all', () => {
    const yaml = 'gateway:\n  port: 1001\n  host: 127.0.0.2\n  maxConnections: 7\n';
    const env = { PARLEY_GATEWAY_PORT: '1002', PARLEY_GATEWAY_HOST: '127.0.0.3' };
    const { config, sourceOf } = load({ yaml, env, flags: [set('gateway.port', '1003')] });
    expect(config.gateway).toMatchObject({ port: 1003, host: '127.0.0.3', maxConnections: 7 });
    expect(sourceOf('gateway.port')).toBe('--set');
    expect(sourceOf('gateway.host')).toBe('PARLEY_GATEWAY_HOST');
    expect(sourceOf('gateway.maxConnections')).toMatch(/\.yaml:4$/);
  });

  test('dev changes the defaults that are meant for it, and nothing that was set', () => {
    expect(createConfig({ dev: true }).media.listenIp).toBe('127.0.0.1');
    expect(createConfig({ dev: true, media: { listenIp: '0.0.0.0' } }).media.listenIp).toBe('0.0.0.0');
  });

  test('PARLEY_CONFIG names the file', () => {
    const file = join(folder, 'named.yaml');
    writeFileSync(file, 'rooms: { maxPeers: 3 }');
    const loaded = loadConfig({ env: { PARLEY_CONFIG: file } });
    expect(loaded.config.rooms.maxPeers).toBe(3);
    expect(loaded.file).toBe(file);
  });

  test('the result cannot be changed', () => {
    const config = createConfig();
    expect(() => Object.assign(config.gateway, { port: 1 })).toThrow(TypeError);
    expect(() => (config.gateway.allowedOrigins as string[]).push('https://example.org')).toThrow(TypeError);
    expect(createConfig({ gateway: { allowedOrigins: ['*'] } }).gateway.allowedOrigins).toEqual(['*']);
    expect(createConfig().gateway.allowedOrigins).toEqual([]);
  });
});

describe('values out of text', () => {
  test('lists come with commas or as JSON', () => {
    const name = 'PARLEY_GATEWAY_ALLOWED_ORIGINS';
    const origins = ['https://a.example', 'https://b.example:8443'];
    expect(load({ env: { [name]: origins.join(', ') } }).config.gateway.allowedOrigins).toEqual(origins);
    expect(load({ env: { [name]: JSON.stringify(origins) } }).config.gateway.allowedOrigins).toEqual(origins);
    expect(load({ env: { [name]: '' } }).config.gateway.allowedOrigins).toEqual([]);
  });

  test('keys come as JSON, and what they leave out is filled in', () => {
    const secret = 'x'.repeat(32);
    const { config } = load({ env: { PARLEY_IDENTITY_KEYS: JSON.stringify([{ secret }]) } });
    expect(config.identity.keys).toEqual([{ kid: 'default', algorithm: 'HS256', secret, file: '' }]);
  });

  test.each([
    ['true', true],
    ['1', true],
    ['no', false],
    ['off', false],
  ])('%s is a boolean', (text, expected) => {
    expect(load({ env: { PARLEY_CHAT_ALLOW_GUESTS: text } }).config.chat.allowGuests).toBe(expected);
  });
});

describe('what is wrong is named', () => {
  test('a number out of range says the range, the value and the source', () => {
    expect(problemsOf({ env: { PARLEY_GATEWAY_PORT: '99999' } })).toEqual([
      'gateway.port must be a whole number from 0 to 65535, not 99999   (PARLEY_GATEWAY_PORT)',
    ]);
  });

  test('everything is told at once', () => {
    const problems = problemsOf({
      yaml: 'gateway:\n  prot: 1\n  host: "not a host"\nrooms: 5\n',
      env: { PARLEY_GATEWAY_PROT: '1', PARLEY_LOG_LEVEL: 'loud' },
      flags: [set('gatway.port', '1')],
    });
    expect(problems).toEqual([
      expect.stringMatching(/^gateway\.prot is not an option: did you mean gateway\.port\? {3}\(\d+\.yaml:2\)$/),
      expect.stringMatching(/^rooms is a group of options and cannot have a value of its own {3}\(\d+\.yaml:4\)$/),
      expect.stringContaining('PARLEY_GATEWAY_PROT is not a variable of Parley: did you mean PARLEY_GATEWAY_PORT?'),
      'gatway.port is not an option: did you mean gateway.port?   (--set)',
      expect.stringMatching(/^gateway\.host must be an address or a host name, not "not a host" {3}\(\d+\.yaml:3\)$/),
      'log.level must be one of debug, info, warn, error, not "loud"   (PARLEY_LOG_LEVEL)',
    ]);
  });

  test('a key that is complete is judged though others are not', () => {
    const yaml = ['identity:', '  keys:', '    - kid: a', '      kit: b', '    - kid: c', '      secret: short'].join(
      '\n',
    );
    expect(problemsOf({ yaml })).toEqual([
      expect.stringMatching(/^identity\.keys\[0\]\.kit is not known {3}\(\d+\.yaml:4\)$/),
      expect.stringMatching(/^identity\.keys\[1\] has a secret of less than 32 bytes.* {3}\(\d+\.yaml:5\)$/),
    ]);
    expect(problemsOf({ env: { PARLEY_IDENTITY_KEYS: '[{"kit":"b"},{"secret":"short"}]' } })).toEqual([
      'identity.keys[0].kit is not known   (PARLEY_IDENTITY_KEYS)',
      expect.stringMatching(/^identity\.keys\[1\] has a secret .* {3}\(PARLEY_IDENTITY_KEYS\)$/),
    ]);
  });

  test('places inside of lists have their own lines', () => {
    const yaml =
      'gateway:\n  trustedProxies:\n    - 10.0.0.1\n    - proxy.example\n  allowedOrigins:\n    [ "*",\n      x ]\n';
    const lines = problemsOf({ yaml }).map((problem) => /:(\d+)\)$/.exec(problem)?.[1]);
    expect(lines).toEqual(['4', '7']);
  });

  test('a value that a later source overrides is checked too', () => {
    expect(problemsOf({ yaml: 'gateway: { port: many }', flags: [set('gateway.port', '1')] })).toHaveLength(1);
  });

  test('a file that is not YAML, or is not there, is named', () => {
    expect(problemsOf({ yaml: 'gateway: [1' })[0]).toContain('The file is not YAML');
    expect(problemsOf({ yaml: '- 1' })[0]).toContain('must hold options');
    expect(() => loadConfig({ file: join(folder, 'absent.yaml'), env: {} })).toThrow('cannot be read');
  });

  test.each(['*', '[*]', '\n    - *'])('a star that is not in quotes, as in allowedOrigins: %s, is named', (value) => {
    expect(problemsOf({ yaml: `gateway:\n  allowedOrigins: ${value}\n` })).toEqual([
      expect.stringContaining('A star that stands for itself is written in quotes, as in ["*"]'),
    ]);
  });

  test.each([
    ['*all', 'the alias *all, which nothing defines. A star that stands for itself is written in quotes, as in ["*"]'],
    ['["*", *all]', 'the alias *all, which nothing defines'],
    ['&all [*all]', 'an alias of what it stands in'],
  ])('an alias that leads nowhere is named: %s', (value, problem) => {
    const problems = problemsOf({ yaml: `gateway:\n  port: many\n  allowedOrigins: ${value}\n` });
    expect(problems).toHaveLength(2);
    expect(problems[0]).toContain(`gateway.allowedOrigins has ${problem}`);
    expect(problems[0]).toMatch(/\.yaml:3\)$/);
  });

  test('aliases that would fill the memory are refused', () => {
    const times = (name: string) => Array(10).fill(`*${name}`).join(', ');
    const yaml = `a: &a [x, x]\nb: &b [${times('a')}]\nc: &c [${times('b')}]\ngateway: { allowedOrigins: [${times('c')}] }`;
    expect(problemsOf({ yaml }).join('\n')).toContain('gateway.allowedOrigins has aliases that stand for too much');
  });

  test('aliases stand for what they name', () => {
    const yaml = 'gateway: { trustedProxies: &near [10.0.0.1] }\nmetrics: { allowedAddresses: *near }\n';
    expect(load({ yaml }).config.metrics.allowedAddresses).toEqual(['10.0.0.1']);
  });

  test('an empty file and an empty section are fine', () => {
    expect(problemsOf({ yaml: '' })).toEqual([]);
    expect(problemsOf({ yaml: 'gateway:\n#  port: 1\n' })).toEqual([]);
  });

  test('places inside of lists are named, and secrets are never repeated', () => {
    const secret = 'hunter2-hunter2';
    const problems = problemsOf({
      yaml: `identity:\n  keys:\n    - { algorithm: none, secret: ${secret} }\n    - { kit: a, secret: ${secret} }\n`,
      env: { PARLEY_METRICS_TOKEN: 'fine', PARLEY_IDENTITY_KEYS: `[{"secret": "${secret}"` },
    });
    expect(problems.join('\n')).toContain('identity.keys[0].algorithm must be one of HS256, RS256, ES256, not "none"');
    expect(problems.join('\n')).toContain('identity.keys[1].kit is not known');
    expect(problems.join('\n')).not.toContain('hunter2');
  });

  test.each([
    ['gateway.trustedProxies', '10.0.0.0/33'],
    ['gateway.trustedProxies', 'proxy.example'],
    ['gateway.allowedOrigins', 'https://chat.example.org/path'],
    ['identity.jwksUrl', 'http://keys.example.org/jwks.json'],
    ['media.listenIp', 'localhost'],
    ['media.announcedAddress', 'two words'],
  ])('%s refuses %s', (path, text) => {
    expect(problemsOf({ flags: [set(path, text)] })).toEqual([expect.stringContaining(`${path}`)]);
  });
});

describe('options that mean something for each other', () => {
  const keys = (...given: object[]) => problemsOf({ env: { PARLEY_IDENTITY_KEYS: JSON.stringify(given) } });
  const secret = 's'.repeat(32);

  test('dev is refused on an address that others reach', () => {
    expect(problemsOf({ env: { PARLEY_DEV: '1', PARLEY_GATEWAY_HOST: '0.0.0.0' } })).toEqual([
      expect.stringMatching(/^gateway\.host must be a loopback address .*\(PARLEY_GATEWAY_HOST\)$/),
    ]);
    for (const host of ['127.0.0.1', '127.3.2.1', '::1', 'localhost']) {
      expect(problemsOf({ env: { PARLEY_DEV: '1', PARLEY_GATEWAY_HOST: host } })).toEqual([]);
    }
  });

  test('a certificate needs its key', () => {
    expect(problemsOf({ env: { PARLEY_GATEWAY_TLS_CERT_FILE: 'a.pem' } })).toEqual([
      'gateway.tls.keyFile is needed with gateway.tls.certFile',
    ]);
  });

  test('keys have one secret of at least 32 bytes, or a file', () => {
    expect(keys({ secret })).toEqual([]);
    expect(keys({ secret: 'short' })[0]).toContain('less than 32 bytes');
    expect(keys({})[0]).toContain('needs either secret or file');
    expect(keys({ secret, file: 'x' })[0]).toContain('needs either secret or file');
    expect(keys({ algorithm: 'RS256', secret })[0]).toContain('needs file');
    expect(keys({ secret }, { secret })[0]).toContain('of another key');
  });

  test('a slow reader loses ephemeral events first, then pulls, and is closed last', () => {
    expect(problemsOf({ flags: [set('gateway.slowConsumerBytes', '65536')] })[0]).toContain(
      'gateway.pullBytes and a page of the log: 786432',
    );
    expect(problemsOf({ flags: [set('gateway.pullBytes', '131072')] })).toEqual([
      expect.stringContaining('must be more than gateway.ephemeralDropBytes (131072)'),
    ]);
  });

  test('video is refused before sound, and loads are shares of a core', () => {
    expect(problemsOf({ flags: [set('media.videoLoadLimit', '.5'), set('media.audioLoadLimit', '0.5')] })).toEqual([]);
    expect(problemsOf({ flags: [set('media.audioLoadLimit', '0.7')] })).toEqual([
      expect.stringMatching(/^media\.audioLoadLimit must be at least media\.videoLoadLimit \(0\.8\)/),
    ]);
    for (const wrong of ['1.5', '80%', '', '-1', '1e-1']) {
      expect(problemsOf({ flags: [set('media.videoLoadLimit', wrong)] })).toEqual([
        expect.stringContaining('must be a number from 0.1 to 1'),
      ]);
    }
  });

  test('a TURN server needs its secret, and relays only need a TURN server', () => {
    const urls = (...given: string[]) => set('turn.urls', given.join(','));
    expect(problemsOf({ flags: [urls('stun:stun.example.org')] })).toEqual([]);
    expect(problemsOf({ flags: [urls('turns:turn.example.org:443?transport=tcp')] })).toEqual([
      expect.stringContaining('turn.secret is needed'),
    ]);
    expect(problemsOf({ flags: [set('turn.alwaysRelay', 'on'), urls('stun:stun.example.org')] })).toEqual([
      expect.stringContaining('turn.urls must have a TURN server'),
    ]);
    for (const wrong of ['https://turn.example.org', 'turn:', 'turn:a b', 'turn:host?transport=sctp', 'turn://host']) {
      expect(problemsOf({ flags: [urls(wrong)] })[0]).toContain('must be URLs as in turn:');
    }
  });
});

describe('a client that comes back', () => {
  test('to as many rooms as it may be in is no slow reader because of that', () => {
    const tooMany = [set('sessions.maxRooms', '500')];
    expect(problemsOf({ flags: tooMany })).toEqual([
      expect.stringContaining('gateway.slowConsumerBytes must be at least 4358144'),
    ]);
    expect(problemsOf({ flags: [...tooMany, set('gateway.slowConsumerBytes', '4358144')] })).toEqual([]);
  });
});

describe('the environment of a container', () => {
  test('what Kubernetes adds for a service of our name is no option of ours', () => {
    const env = {
      PARLEY_SERVICE_HOST: '10.0.0.7',
      PARLEY_SERVICE_PORT_HTTP: '8080',
      PARLEY_PORT: 'tcp://10.0.0.7:8080',
      PARLEY_PORT_8080_TCP_ADDR: '10.0.0.7',
      PARLEY_GATEWAY_PORT: 'tcp://10.0.0.8:8080',
    };
    expect(load({ env }).config.gateway.port).toBe(8080);
  });

  test('PARLEY_REQUIRE of the tests is no option', () => {
    expect(problemsOf({ env: { PARLEY_REQUIRE: 'mediasoup' } })).toEqual([]);
  });
});

describe('the schema', () => {
  test('every option says what it is for and has a variable of its own', () => {
    expect(optionList.filter(({ schema }) => schema.about.length < 10).map(({ path }) => path)).toEqual([]);
    expect(new Set(optionList.map(({ envName }) => envName)).size).toBe(optionList.length);
  });

  test('every number that is not a plain count or a port says its unit', () => {
    const mute = optionList.filter(
      ({ path, schema }) => /(Ms|Bytes|Seconds|Bitrate|perSecond)$/.test(path) && !schema.unit,
    );
    expect(mute).toEqual([]);
  });
});
