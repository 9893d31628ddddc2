import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../../core/fake-clock.ts';
import type { Endpoint } from '../transports/endpoint.ts';
import { byFlowOnly } from './contact-flows.ts';
import { MemoryNetwork, type MemoryProtocol } from './testing/memory-network.ts';
import { ScriptedPeer } from './testing/scripted-peer.ts';
import { AgentOnStage, nothing, offer, PhoneStage } from './testing/stage.ts';
import { leadsNowhere } from './way-to-peer.ts';

const home: Endpoint = { address: '192.168.1.7', port: 5060 };
/** What a router makes of it. */
const outside: Endpoint = { address: '203.0.113.7', port: 34_567 };
const us: Endpoint = { address: '192.0.2.1', port: 5060 };

async function flowFrom(remote: Endpoint, protocol: MemoryProtocol = 'UDP') {
  const network = new MemoryNetwork(new FakeClock());
  const user = { received: () => {}, closed: () => {}, dropped: () => {}, admits: () => true };
  network.host(protocol, remote, user);
  return await network.host(protocol, us, user).flowTo(remote);
}

describe('a Contact', () => {
  const [direct, proxied] = [true, false];
  test.each([
    ['is where its owner speaks from', '203.0.113.7:5060', 'sip:a@203.0.113.7', 'UDP', direct, false],
    ['is of a network at home, seen from outside', '203.0.113.7:34567', 'sip:a@192.168.1.7', 'UDP', direct, true],
    ['is of a network at home behind a proxy', '203.0.113.7:5060', 'sip:a@10.1.2.3', 'UDP', proxied, true],
    ['is at home, and so is who speaks', '192.168.1.1:5060', 'sip:a@192.168.1.7', 'UDP', proxied, false],
    ['is of a carrier that has no addresses left', '203.0.113.7:5060', 'sip:a@100.64.9.9', 'UDP', proxied, true],
    ['has another port than its router gave it', '203.0.113.7:34567', 'sip:a@203.0.113.7:5060', 'UDP', direct, true],
    [
      'is of a phone elsewhere, of which a proxy speaks',
      '203.0.113.7:5060',
      'sip:a@198.51.100.9',
      'UDP',
      proxied,
      false,
    ],
    ['is a name', '203.0.113.7:34567', 'sip:a@phone.example', 'UDP', direct, false],
    ['is of a connection that its owner opened', '203.0.113.7:34567', 'sip:a@203.0.113.7', 'TCP', direct, true],
    ['is of a phone behind a connection of a proxy', '203.0.113.7:5060', 'sip:a@198.51.100.9', 'TCP', proxied, false],
    ['is of a page', '203.0.113.7:34567', 'sip:a@x7.invalid;transport=ws', 'WS', direct, true],
    ['is of a page behind a proxy', '203.0.113.7:5060', 'sip:a@203.0.113.9;transport=ws', 'UDP', proxied, true],
    ['is no address of SIP', '203.0.113.7:5060', 'tel:+3725551234', 'UDP', direct, true],
  ] as const)('that %s: %s %s', async (_what, from, contact, protocol, isDirect, nowhere) => {
    const [address = '', port] = from.split(':');
    const flow = await flowFrom({ address, port: Number(port) }, protocol);
    expect(leadsNowhere(contact, flow, isDirect)).toBe(nowhere);
  });
});

async function behindRouter(protocol: MemoryProtocol = 'UDP') {
  const clock = new FakeClock();
  const network = new MemoryNetwork(clock);
  const ours = await AgentOnStage.open(network, us);
  return new PhoneStage(clock, network, ours, new ScriptedPeer(network, home, protocol, outside));
}

describe('a phone behind a router', () => {
  test.each(['UDP', 'TCP'] as const)(
    'hears its answers and what is asked within its call, over %s',
    async (protocol) => {
      const s = await behindRouter(protocol);
      await s.say(s.phone.make('INVITE', [], offer));
      s.us.respond('INVITE', 200, [], offer);
      await s.pass();
      await s.say(s.phone.within(s.phone.response(200), 'ACK'));
      expect(s.phone.take()).toEqual(['200']);
      s.us.within(s.us.last('INVITE').session!, 'INFO');
      await s.pass();
      // Its Contact stays what it said: that is how it knows itself.
      expect(s.phone.request('INFO').uri).toMatch(/^sip:phone@192\.168\.1\.7:5060/);
      await s.say(s.phone.answer(s.phone.request('INFO'), 200));
      s.us.last('INVITE').session!.end('APPLICATION_GONE');
      await s.pass();
      expect([s.phone.take(), s.us.told().slice(-3)]).toEqual([
        ['INFO', 'BYE'],
        ['200', 'APPLICATION_GONE', 'over'],
      ]);
      expect(await s.left()).toEqual(nothing());
    },
  );

  test('that moved to another port of its router is spoken to where it was heard last', async () => {
    const s = await behindRouter();
    await s.say(s.phone.make('INVITE', [], offer));
    s.us.respond('INVITE', 200, [], offer);
    await s.pass();
    const ok = s.phone.response(200);
    await s.say(s.phone.within(ok, 'ACK'));
    const moved = new ScriptedPeer(s.network, home, 'UDP', { address: '203.0.113.7', port: 40_001 });
    await moved.say(moved.within(ok, 'OPTIONS', [['CSeq', '900 OPTIONS']]));
    await s.pass();
    s.us.respond('OPTIONS', 200);
    s.us.last('INVITE').session!.end('APPLICATION_GONE');
    await s.pass();
    expect(moved.take()).toEqual(['200', 'BYE']);
    expect(await s.left()).toEqual(nothing());
  });

  test('that registered is reached by its Contact until the registration ends', async () => {
    const s = await behindRouter();
    const contact = 'sip:phone@192.168.1.7:5060';
    const register = (seconds: number) =>
      s.phone.make('REGISTER', [
        ['Contact', `<${contact}>`],
        ['Expires', String(seconds)],
      ]);
    await s.say(register(60));
    s.us.respond('REGISTER', 200);
    await s.pass();
    s.us.request('OPTIONS', contact);
    await s.pass();
    await s.say(s.phone.answer(s.phone.request('OPTIONS'), 200));
    expect([s.phone.take(), s.us.agent.stats.contactFlows]).toEqual([['200', 'OPTIONS'], 1]);
    await s.say(register(0));
    s.us.respond('REGISTER', 200);
    await s.pass();
    s.phone.take();
    s.us.request('OPTIONS', contact);
    await s.pass(32_100);
    expect([s.phone.take(), s.us.agent.stats.contactFlows]).toEqual([[], 0]);
    expect(await s.left()).toEqual(nothing());
  });

  const stun = '<sip:phone@203.0.113.7:5060>';

  test.each([
    ['by STUN, with a port that its router gave for another', stun],
    ['of another network of its own', '<sip:phone@198.51.100.9:5060>'],
    ['by a name', '<sip:phone@phone.example>'],
  ])(
    'that registered a Contact %s is called, acknowledged and hung up on by the flow of its REGISTER',
    async (_, contact) => {
      const s = await behindRouter();
      await s.say(s.phone.make('REGISTER', [['Contact', contact]]));
      s.us.respond('REGISTER', 200);
      await s.pass();
      const uri = contact.slice(1, -1);
      const session = s.us.call(uri, [], byFlowOnly(uri, { protocol: 'udp', ...outside }));
      await s.pass();
      await s.say(s.phone.answer(s.phone.request('INVITE'), 200, [['Contact', contact]], { body: offer }));
      s.us.acknowledge(session);
      await s.pass();
      s.us.within(session, 'INFO');
      await s.pass();
      await s.say(s.phone.answer(s.phone.request('INFO'), 200));
      s.us.within(session, 'BYE');
      await s.pass();
      await s.say(s.phone.answer(s.phone.request('BYE'), 200));
      expect(s.phone.take()).toEqual(['200', 'INVITE', 'ACK', 'INFO', 'BYE']);
      expect(await s.left()).toEqual(nothing());
    },
  );

  test.each([
    ['while it is taken back', 50],
    ['long after it was taken back', 100_000],
  ])('that accepts a call %s, is acknowledged and hung up on by the flow of its REGISTER', async (_, afterMs) => {
    const s = await behindRouter();
    await s.say(
      s.phone.make('REGISTER', [
        ['Contact', stun],
        ['Expires', '600'],
      ]),
    );
    s.us.respond('REGISTER', 200);
    await s.pass();
    const uri = stun.slice(1, -1);
    const session = s.us.call(uri, [], byFlowOnly(uri, { protocol: 'udp', ...outside }));
    await s.pass();
    const invite = s.phone.request('INVITE');
    await s.say(s.phone.answer(invite, 180, [['Contact', stun]]));
    session.end('APPLICATION_GONE');
    await s.pass(afterMs);
    s.phone.take();
    await s.say(s.phone.answer(invite, 200, [['Contact', stun]], { body: offer }));
    expect(s.phone.take()).toEqual(['ACK', 'BYE']);
    expect((await s.left()).calls).toEqual([0]);
  });

  test('that a proxy registered with a Path is reached through the proxy', async () => {
    const s = await behindRouter();
    await s.say(
      s.phone.make('REGISTER', [
        ['Contact', '<sip:phone@192.168.1.8:5060>'],
        ['Path', '<sip:203.0.113.7:34567;lr>'],
        ['Expires', '60'],
      ]),
    );
    s.us.respond('REGISTER', 200);
    await s.pass();
    expect(s.us.agent.stats.contactFlows).toBe(0);
    expect(await s.left()).toEqual(nothing());
  });
});
