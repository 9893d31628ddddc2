import { startKamailio } from '../../test/support/sip-kamailio.ts';
import { type Child, startChild } from '../support/child-calls.ts';
import { compiledModule } from '../support/compile.ts';
import { cpuSecondsOf } from '../support/cpu-time.ts';
import { pin, serverCore } from '../support/pin.ts';
import { familyOf, startAnswering } from './load.ts';
import type { AgentProcess, AgentSettings } from './servers/agent-process.ts';

/** What sipp calls: with its port, and the CPU seconds that it has taken. */
export interface Side extends AsyncDisposable {
  readonly port: number;
  cpuSeconds(): number;
}

export interface AgentSide extends Side {
  readonly child: Child<AgentProcess>;
}

export async function startAgent(settings: AgentSettings): Promise<AgentSide> {
  const child = await startChild<AgentProcess>(compiledModule('sip/servers/agent-process.ts'), { quiet: true });
  const { port, pid } = await child.call('start', settings);
  pin(pid, serverCore);
  return {
    port,
    child,
    cpuSeconds: () => cpuSecondsOf([pid]),
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}

/** Passes calls on to a sipp of its own. */
export async function startPassing(transport: 'udp' | 'tcp'): Promise<AgentSide> {
  const callee = await startAnswering(transport);
  const agent = await startAgent({ transport, passTo: callee.port });
  return {
    ...agent,
    async [Symbol.asyncDispose]() {
      await agent[Symbol.asyncDispose]();
      await callee[Symbol.asyncDispose]();
    },
  };
}

/** A stateful proxy that stays in the way, in front of a sipp of its own. */
export async function startProxy(): Promise<Side> {
  const callee = await startAnswering('udp');
  const kamailio = await startKamailio({ to: callee.port });
  const family = familyOf(kamailio.pid);
  for (const pid of family) pin(pid, serverCore);
  return {
    port: kamailio.port,
    cpuSeconds: () => cpuSecondsOf(family),
    async [Symbol.asyncDispose]() {
      await kamailio[Symbol.asyncDispose]();
      await callee[Symbol.asyncDispose]();
    },
  };
}
