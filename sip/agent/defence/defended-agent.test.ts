import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../../core/fake-clock.ts';
import type { TransportUser } from '../transports/transport.ts';
import { MemoryNetwork, type MemoryProtocol } from '../user-agent/testing/memory-network.ts';
import { ScriptedPeer } from '../user-agent/testing/scripted-peer.ts';
import { advance, draft } from '../user-agent/testing/stage.ts';
import { UserAgent } from '../user-agent/user-agent.ts';
import { Defence } from './defence.ts';
import { type DefenceOptions, defenceOptions } from './defence-options.ts';

const us = { address: '192.0.2.1', port: 5060 };
const phone = { address: '192.0.2.9', port: 5060 };

/** An agent with a defence, whose application lets everything ring, and a phone. */
async function withDefence(options: Partial<DefenceOptions>, protocol: MemoryProtocol = 'UDP') {
  const clock = new FakeClock();
  const network = new MemoryNetwork(clock);
  const defence = new Defence({ ...defenceOptions, ...options }, clock);
  const asked: string[] = [];
  const agent = await UserAgent.open({
    clock,
    listen: [],
    transports: (user: TransportUser) => [network.host('UDP', us, user), network.host('TCP', us, user)],
    guard: defence,
    user: {
      request: (incoming, session) => {
        asked.push(incoming.request.method);
        if (incoming.request.method !== 'INVITE') agent.respond(incoming, session, { ...draft(''), status: 200 });
      },
      canceled: () => {},
      refused: () => {},
      acknowledged: () => {},
      ended: () => {},
      over: () => {},
    },
  });
  const peer = new ScriptedPeer(network, phone, protocol);
  const say = async (message: Parameters<typeof peer.say>[0]) => {
    await peer.say(message);
    await advance(clock, 50);
  };
  return { clock, network, defence, agent, peer, say, asked };
}

describe('an agent with a defence', () => {
  const load = { ...defenceOptions.load, calls: 1, retryAfterSeconds: 7 };

  test('refuses calls beyond its load, and ends the one it took as if nothing was', async () => {
    const { peer, say, asked } = await withDefence({ load });
    const taken = peer.make('INVITE');
    await say(taken);
    // Its 100 may have got lost.
    await say(taken);
    expect(peer.take()).toEqual([]);
    await say(peer.make('INVITE'));
    expect(peer.response(503).headers.get('Retry-After')).toBe('7');
    expect(peer.take()).toEqual(['503']);
    const cancel = { ...taken, method: 'CANCEL', headers: taken.headers.copy() };
    cancel.headers.set('CSeq', taken.headers.get('CSeq')?.replace('INVITE', 'CANCEL') ?? '');
    await say(cancel);
    expect(peer.take().sort()).toEqual(['200', '487']);
    expect(asked).toEqual(['INVITE']);
  });

  test('takes calls again when there is room', async () => {
    const { peer, say, clock, asked, defence } = await withDefence({ load: { ...load, calls: 10, callsPerSecond: 1 } });
    const first = peer.make('INVITE');
    for (let i = 0; i < 5; i += 1) await say(first);
    await say(peer.make('INVITE'));
    expect(peer.take()).toEqual(['503']);
    await advance(clock, 1_000);
    await say(peer.make('INVITE'));
    expect(asked).toEqual(['INVITE', 'INVITE']);
    // What came again was no new work.
    expect(defence.stats.stopped.callsPerSecond).toBe(1);
  });

  test('answers whoever sends what is malformed until it is banned, and then nobody of there', async () => {
    const ban = { offences: 3, withinMs: 60_000, forMs: 600_000 };
    const { peer, say, clock, defence } = await withDefence({ ban }, 'TCP');
    const malformed = () => peer.make('OPTIONS', [['CSeq', '1 BYE']]);
    for (let i = 0; i < 3; i += 1) await say(malformed());
    expect(peer.take()).toEqual(['400', '400', '400']);
    await say(peer.make('OPTIONS')).catch(() => {});
    expect(peer.take()).toEqual([]);
    expect(defence.stats.bannedNow).toBe(1);
    await advance(clock, ban.forMs);
    await say(peer.make('OPTIONS'));
    expect(peer.take()).toEqual(['200']);
  });

  test('bans nobody for a method or an extension that it has not', async () => {
    const { peer, say, defence } = await withDefence({ ban: { offences: 3, withinMs: 60_000, forMs: 600_000 } });
    for (let i = 0; i < 5; i += 1) await say(peer.make('GUESS'));
    for (let i = 0; i < 5; i += 1) await say(peer.make('OPTIONS', [['Require', 'teleport']]));
    await say(peer.make('OPTIONS'));
    expect(peer.take().at(-1)).toBe('200');
    expect(defence.stats.bans).toBe(0);
  });
});
