import { describe, expect, onTestFinished, test } from 'vitest';
import { FakeClock } from '../../../core/fake-clock.ts';
import { parseUri } from '../messages/parse-uri.ts';
import type { Protocol } from '../transports/endpoint.ts';
import { formatEndpoint } from '../transports/endpoint.ts';
import { DeadTargets } from './dead-targets.ts';
import { DnsCache } from './dns-cache.ts';
import { SystemDns } from './dns-records.ts';
import { locate } from './locate.ts';
import { orderServices } from './order-services.ts';
import { startNameServer, type Zone } from './testing/name-server.ts';

async function resolver(zone: Zone, ttl?: number) {
  const server = await startNameServer(zone, ttl);
  onTestFinished(() => server[Symbol.dispose]());
  const clock = new FakeClock();
  const dns = new DnsCache(new SystemDns([server.address]), clock);
  return { server, clock, dns };
}

async function find(
  text: string,
  zone: Zone = {},
  protocols: readonly Protocol[] = ['UDP', 'TCP', 'TLS'],
  ipv6 = false,
) {
  const uri = parseUri(text);
  if (uri?.scheme !== 'sip' && uri?.scheme !== 'sips') throw new Error(text);
  const { dns } = await resolver(zone);
  const targets = await locate(uri, {
    dns,
    supports: (protocol) => protocols.includes(protocol),
    ipv6,
    random: () => 0,
  });
  return targets.map(
    (target) => `${target.protocol} ${formatEndpoint(target)}${target.serverName ? ` ${target.serverName}` : ''}`,
  );
}

const addresses: Zone = {
  'example.com': { a: ['192.0.2.1'], aaaa: ['2001:db8::1'] },
  'one.example.com': { a: ['192.0.2.11'] },
  'two.example.com': { a: ['192.0.2.12', '192.0.2.13'] },
};

describe('an address, a port or a transport', () => {
  test.each([
    ['sip:a@192.0.2.9', ['UDP 192.0.2.9:5060']],
    ['sip:a@192.0.2.9:5070;transport=tcp', ['TCP 192.0.2.9:5070']],
    ['sips:a@192.0.2.9', ['TLS 192.0.2.9:5061 192.0.2.9']],
    ['sip:a@[2001:db8::9]', ['UDP [2001:db8::9]:5060']],
    ['sip:a@example.com;maddr=192.0.2.7', ['UDP 192.0.2.7:5060']],
    ['sip:a@example.com;maddr=[2001:db8::7]', ['UDP [2001:db8::7]:5060']],
    ['sip:a@example.com:5070', ['UDP 192.0.2.1:5070']],
    ['sips:a@example.com:5071', ['TLS 192.0.2.1:5071 example.com']],
    ['sip:a@example.com;transport=ws', ['WS 192.0.2.1:80']],
    ['sip:a@192.0.2.9;transport=sctp', []],
    ['sips:a@192.0.2.9;transport=udp', []],
  ])('%s', async (uri, expected) => {
    expect(await find(uri, addresses)).toEqual(expected);
  });
});

describe('a name alone', () => {
  const services: Zone = {
    ...addresses,
    '_sip._tcp.example.com': {
      srv: [
        [10, 0, 5070, 'two.example.com'],
        [5, 0, 5060, 'one.example.com'],
      ],
    },
    '_sip._udp.example.com': { srv: [[5, 0, 5062, 'one.example.com']] },
    '_sips._tcp.example.com': { srv: [[5, 0, 5061, 'one.example.com']] },
  };

  test('without any service has its addresses, IPv6 first where there is a socket for it', async () => {
    expect(await find('sip:a@example.com', addresses)).toEqual(['UDP 192.0.2.1:5060']);
    expect(await find('sip:a@example.com', addresses, ['UDP'], true)).toEqual([
      'UDP [2001:db8::1]:5060',
      'UDP 192.0.2.1:5060',
    ]);
  });

  test('without NAPTR takes the services of the first protocol that has some, by priority', async () => {
    expect(await find('sip:a@example.com', services, ['UDP', 'TCP'])).toEqual([
      'TCP 192.0.2.11:5060',
      'TCP 192.0.2.12:5070',
      'TCP 192.0.2.13:5070',
    ]);
    expect(await find('sip:a@example.com', services, ['UDP'])).toEqual(['UDP 192.0.2.11:5062']);
  });

  test('as sips: goes by TLS only, with the name that was asked for in the certificate', async () => {
    expect(await find('sips:a@example.com', services)).toEqual(['TLS 192.0.2.11:5061 example.com']);
  });

  test('with a transport asks for the services of it', async () => {
    expect(await find('sip:a@example.com;transport=udp', services)).toEqual(['UDP 192.0.2.11:5062']);
  });

  test('with NAPTR takes what it says, in its order, and leaves out what cannot be used', async () => {
    const zone: Zone = {
      ...services,
      'example.com': {
        naptr: [
          [20, 10, 'SIP+D2T', '_sip._tcp.example.com'],
          [10, 20, 'SIP+D2U', '_sip._udp.example.com'],
          [10, 10, 'SIPS+D2T', '_sips._tcp.example.com'],
          [5, 10, 'E2U+email', 'nothing.example.com'],
        ],
      },
    };
    expect(await find('sip:a@example.com', zone, ['UDP', 'TCP'])).toEqual([
      'UDP 192.0.2.11:5062',
      'TCP 192.0.2.11:5060',
      'TCP 192.0.2.12:5070',
      'TCP 192.0.2.13:5070',
    ]);
  });

  test('that does not exist has nowhere', async () => {
    expect(await find('sip:a@nowhere.example')).toEqual([]);
  });
});

describe('a name server that fails', () => {
  test('at NAPTR and SRV, as those of small routers do, is asked for addresses', async () => {
    const unheardOf = { fails: ['srv'] } as const;
    const zone: Zone = {
      'example.com': { a: ['192.0.2.1'], fails: ['naptr'] },
      '_sips._tcp.example.com': unheardOf,
      '_sip._tcp.example.com': unheardOf,
      '_sip._udp.example.com': unheardOf,
    };
    expect(await find('sip:a@example.com', zone)).toEqual(['UDP 192.0.2.1:5060']);
  });

  test('at one host or at IPv6 keeps nobody from the others', async () => {
    const zone: Zone = {
      ...addresses,
      'one.example.com': { fails: ['a', 'aaaa'] },
      'two.example.com': { a: ['192.0.2.12'], fails: ['aaaa'] },
      '_sip._udp.example.com': {
        srv: [
          [1, 0, 5060, 'one.example.com'],
          [2, 0, 5060, 'two.example.com'],
        ],
      },
    };
    expect(await find('sip:a@example.com', zone, ['UDP'], true)).toEqual(['UDP 192.0.2.12:5060']);
  });

  test('at all addresses is heard of', async () => {
    await expect(find('sip:a@example.com', { 'example.com': { fails: ['a'] } })).rejects.toMatchObject({
      code: 'ESERVFAIL',
    });
  });
});

test('a lot decides between services of one priority by weight', () => {
  const records = [0, 10, 90].map((weight) => ({ priority: 1, weight, port: weight, name: 'x' }));
  const first = { 0: 0, 10: 0, 90: 0 };
  for (let at = 0; at < 1_000; at += 1) {
    const [one] = orderServices(records, () => at / 1_000);
    first[(one?.weight ?? 0) as keyof typeof first] += 1;
  }
  expect(first).toEqual({ 0: 1, 10: 100, 90: 899 });
});

test('what a name server said holds for its time, what is not there for 30 s, a failure not at all', async () => {
  const { server, dns, clock } = await resolver({ 'a.example': { a: ['192.0.2.1'] } }, 10);
  await dns.a('a.example');
  await Promise.all([dns.a('a.example'), dns.a('b.example'), dns.a('b.example')]);
  expect(server.asked).toEqual(['a.example', 'b.example']);
  clock.advance(10_000);
  await Promise.all([dns.a('a.example'), dns.a('b.example')]);
  expect(server.asked).toEqual(['a.example', 'b.example', 'a.example']);
  server.silence();
  clock.advance(30_000);
  // Nobody has to wait for long to see that nobody answers.
  const hasty = new DnsCache(new SystemDns([server.address], 100), clock);
  await expect(hasty.a('b.example')).rejects.toMatchObject({ code: 'ETIMEOUT' });
  const asked = server.asked.length;
  await expect(hasty.a('b.example')).rejects.toMatchObject({ code: 'ETIMEOUT' });
  expect(server.asked.length).toBeGreaterThan(asked);
}, 30_000);

test('who did not answer comes last, for 30 s or as long as it said', () => {
  const clock = new FakeClock();
  const dead = new DeadTargets(clock);
  const [one, two, three] = [1, 2, 3].map((port) => ({ protocol: 'UDP' as const, address: '192.0.2.1', port }));
  const order = () => dead.last([one!, two!, three!]).map(({ port }) => port);
  dead.mark(one!);
  dead.mark(two!, 60_000);
  expect(order()).toEqual([3, 1, 2]);
  clock.advance(30_000);
  expect(order()).toEqual([1, 3, 2]);
  dead.revive(two!);
  expect([order(), dead.size]).toEqual([[1, 2, 3], 0]);
});
