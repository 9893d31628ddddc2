// The agent and an application on drachtio-srf, as the server runs them: one process, speaking to each other over loopback.

import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import Srf from 'drachtio-srf';
import { systemClock } from '../../../core/clock.ts';
import { silentLogger } from '../../../core/log.ts';
import { defenceOptions } from '../../../sip/agent/defence/defence-options.ts';
import { messageLimits } from '../../../sip/agent/messages/limits.ts';
import { ladderLimits } from '../../../sip/ladder/ladders.ts';
import { openSip, type Sip } from '../../../sip/open-sip.ts';
import { answerCalls } from '../../support/child-calls.ts';
import { cpuShares } from '../cpu-shares.ts';

export type AgentProcess = typeof calls;

export interface AgentSettings {
  /** A number of 127.0.0.1 that calls are passed on to, over the transport that they came on; without one they are answered. */
  readonly passTo?: number;
  readonly transport: 'udp' | 'tcp';
  /** Calls a second, beyond which 503 is answered. */
  readonly callsPerSecond?: number;
  /** Without what is kept of messages for traces, which has a size of its own. */
  readonly untraced?: boolean;
}

const far = 1_000_000;
setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const sdp = ['v=0', 'o=- 1 1 IN IP4 127.0.0.1', 's=-', 'c=IN IP4 127.0.0.1', 't=0 0', 'm=audio 7000 RTP/AVP 0', ''];

let running: { readonly sip: Sip; readonly srf: Srf } | undefined;
const profiler = new Session();

const calls = {
  async start({ passTo, transport, callsPerSecond = far, untraced = false }: AgentSettings) {
    // Every rule is asked; what is limited is limited far away.
    const load = { ...defenceOptions.load, calls: far, dialogs: far, transactions: far, callsPerSecond };
    const protocol = transport === 'udp' ? 'UDP' : 'TCP';
    const socket = { advertise: [], certFile: '', keyFile: '', caFile: '', origins: [] };
    const options = {
      listen: [{ protocol, address: '127.0.0.1', port: 0, ...socket } as const],
      limits: { ...messageLimits, connections: far, connectionsPerSource: far },
      defence: { ...defenceOptions, load },
      trace: untraced ? undefined : ladderLimits,
      drachtio: undefined,
    };
    const sip = await openSip(options, { clock: systemClock, log: silentLogger, product: 'Parley' });
    const srf = new Srf();
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
    await srf.connect(sip.drachtio);
    await connected;
    running = { sip, srf };
    return { port: sip.agent?.listening[0]?.port ?? 0, pid: process.pid };
  },

  stats() {
    if (running?.sip.agent === undefined) throw new Error('it has not started');
    const { calls: open, dialogs, transactions, messages } = running.sip.agent.stats().agent;
    const refusals = [...messages].filter(([what]) => /^out [3-6]/.test(what) && what !== 'out 503');
    return {
      calls: open,
      dialogs,
      transactions: transactions.clients + transactions.servers,
      retransmissions: [...transactions.retransmissions.values()].reduce((total, count) => total + count, 0),
      refused: messages.get('out 503') ?? 0,
      otherRefusals: refusals.reduce((total, [, count]) => total + count, 0),
    };
  },

  /** From now on, until {@link calls.shares}. */
  async profile() {
    profiler.connect();
    await profiler.post('Profiler.enable');
    await profiler.post('Profiler.setSamplingInterval', { interval: 500 });
    await profiler.post('Profiler.start');
  },

  /** `file`: where the profile is kept, for a look at its functions. */
  async shares({ file }: { readonly file: string | undefined }) {
    const { profile } = await profiler.post('Profiler.stop');
    profiler.disconnect();
    if (file !== undefined) writeFileSync(file, JSON.stringify(profile));
    return cpuShares(profile);
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
  await running?.sip.close();
  running?.srf.disconnect();
});
