// The agent and an application on drachtio-srf, as the server runs them: one process, speaking to each other over loopback.

import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import Srf from 'drachtio-srf';
import { systemClock } from '../../../core/clock.ts';
import { Defence } from '../../../sip/agent/defence/defence.ts';
import { defenceOptions } from '../../../sip/agent/defence/defence-options.ts';
import { DrachtioFacade } from '../../../sip/agent/facade/drachtio-facade.ts';
import { UserAgent } from '../../../sip/agent/user-agent/user-agent.ts';
import { answerCalls } from '../../support/child-calls.ts';

export type AgentProcess = typeof calls;

export interface AgentSettings {
  /** A number of 127.0.0.1 that calls are passed on to, over the transport that they came on; without one they are answered. */
  readonly passTo?: number;
  readonly transport: 'udp' | 'tcp';
  /** Calls a second, beyond which 503 is answered. */
  readonly callsPerSecond?: number;
}

const far = 1_000_000;
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

let running: { readonly agent: UserAgent; readonly facade: DrachtioFacade; readonly srf: Srf } | undefined;

const calls = {
  async start({ passTo, transport, callsPerSecond = far }: AgentSettings) {
    const facade = new DrachtioFacade({ clock: systemClock, secret: randomBytes(16).toString('hex') });
    // Every rule is asked; what is limited is limited far away.
    const load = { ...defenceOptions.load, calls: far, dialogs: far, transactions: far, callsPerSecond };
    const guard = new Defence({ ...defenceOptions, load }, systemClock);
    const protocol = transport === 'udp' ? 'UDP' : 'TCP';
    const listen = [{ protocol, address: '127.0.0.1', port: 0 }] as const;
    const agent = await UserAgent.open({ clock: systemClock, user: facade, guard, listen });
    const srf = new Srf();
    const sdp = ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0', 'm=audio 7000 RTP/AVP 0', ''];
    srf.invite((request, response) => {
      const answered =
        passTo === undefined
          ? srf
              .createUAS(request, response, { localSdp: sdp.join('\r\n') })
              .then((call) => void call.on('destroy', () => {}))
          : srf
              .createB2BUA(request, response, `sip:callee@127.0.0.1:${passTo};transport=${transport}`, {
                localSdpB: request.body,
              })
              .then(({ uas, uac }) => {
                uas.on('destroy', () => uac.destroy());
                uac.on('destroy', () => uas.destroy());
              });
      // Counted by sipp, which made the call.
      answered.catch(() => {});
    });
    const connected = once(srf, 'connect');
    await srf.connect(await facade.listen(agent));
    await connected;
    running = { agent, facade, srf };
    return { port: agent.listening[0]?.port ?? 0, pid: process.pid };
  },

  stats() {
    if (running === undefined) throw new Error('it has not started');
    const { calls: open, dialogs, transactions, messages } = running.agent.stats;
    return {
      calls: open,
      dialogs,
      transactions: transactions.clients + transactions.servers,
      retransmissions: [...transactions.retransmissions.values()].reduce((total, count) => total + count, 0),
      refused: messages.get('out 503') ?? 0,
    };
  },

  /** After what can be thrown away is. */
  memory() {
    collect();
    collect();
    const { heapUsed, external, rss } = process.memoryUsage();
    return { bytes: heapUsed + external, rss };
  },
};

answerCalls(calls, async () => {
  await running?.agent.close();
  running?.srf.disconnect();
  await running?.facade.close();
});
