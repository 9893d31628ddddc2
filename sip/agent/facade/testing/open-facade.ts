import { expect, onTestFinished } from 'vitest';
import { FakeClock } from '../../../../core/fake-clock.ts';
import { eventually } from '../../../../test/support/eventually.ts';
import type { Protocol } from '../../transports/endpoint.ts';
import type { TlsMaterial } from '../../transports/listen.ts';
import { UserAgent } from '../../user-agent/user-agent.ts';
import { DrachtioFacade } from '../drachtio-facade.ts';
import { RawApp } from './raw-app.ts';
import { UdpPeer } from './udp-peer.ts';

/** An agent on loopback with the façade before it, on a clock that stands still. */
export async function openFacade(protocols: readonly Protocol[] = ['UDP'], tls?: TlsMaterial) {
  const clock = new FakeClock();
  const secret = 'right';
  const facade = new DrachtioFacade({ clock, secret });
  const agent = await UserAgent.open({
    clock,
    user: facade,
    guard: { admits: () => true, judge: () => undefined, offended: () => {} },
    listen: protocols.map((protocol) => ({ protocol, address: '127.0.0.1', port: 0, ...(tls && { tls }) })),
    product: '',
  });
  const { port } = await facade.listen(agent);
  let closing: Promise<void> | undefined;
  const close = () => {
    closing ??= agent.close();
    return closing;
  };
  onTestFinished(async () => {
    await close();
    await facade.close();
  });
  const portOf = (protocol: Protocol = 'UDP') => agent.listening.find((at) => at.protocol === protocol)?.port ?? 0;

  return {
    clock,
    facade,
    agent,
    port,
    secret,
    portOf,
    /** The agent, which ends its calls. */
    close,
    /** An application that said the secret, and wants these. */
    async app(...verbs: string[]): Promise<RawApp> {
      const app = await RawApp.connect(port);
      await app.ask(`authenticate|${secret}|`);
      for (const verb of verbs) await app.ask(`route|${verb}`);
      return app;
    },
    peer: () => UdpPeer.open(portOf()),
    /** Everything that a call takes is given back. Turns the clock as far as it takes. */
    async nothingLeft(): Promise<void> {
      const left = () => {
        const { calls, dialogs, transactions } = agent.stats;
        const { pending, outgoing, sessions } = facade.stats;
        return {
          calls,
          dialogs,
          clients: transactions.clients,
          servers: transactions.servers,
          pending,
          outgoing,
          sessions,
        };
      };
      const isEmpty = () => Object.values(left()).every((count) => count === 0);
      const settled = eventually(() => {
        if (agent.stats.calls === 0 && facade.stats.pending === 0) clock.advance(5_000);
        return isEmpty();
      }, 'nothing left');
      await settled.catch(() => {});
      expect(left()).toEqual({ calls: 0, dialogs: 0, clients: 0, servers: 0, pending: 0, outgoing: 0, sessions: 0 });
    },
  };
}
