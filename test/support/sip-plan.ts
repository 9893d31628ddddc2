// A dial plan in effect before a real agent; what comes of calls is the test's.

import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger } from '../../core/log.ts';
import { DrachtioFacade } from '../../sip/agent/facade/drachtio-facade.ts';
import type { Protocol } from '../../sip/agent/transports/endpoint.ts';
import { UserAgent } from '../../sip/agent/user-agent/user-agent.ts';
import { type OpenedPlan, openPlan } from '../../sip/dial-plan/open-plan.ts';
import type { IncomingCall } from '../../sip/drachtio/incoming-call.ts';
import { SipCalls } from '../../sip/drachtio/sip-calls.ts';
import { SipClock } from './sip-clock.ts';

export interface SipPlan extends AsyncDisposable {
  readonly opened: OpenedPlan;
  readonly sip: SipCalls;
  readonly agent: UserAgent;
  readonly clock: SipClock;
  /** The addresses of those who did not know a password. */
  readonly refused: readonly string[];
  portOf(protocol?: Protocol): number;
}

export interface SipPlanOptions {
  readonly protocols?: readonly Protocol[];
  readonly call?: (call: IncomingCall) => void;
}

export async function startSipPlan(
  text: string,
  { protocols = ['UDP', 'TCP'], call = () => {} }: SipPlanOptions = {},
): Promise<SipPlan> {
  const clock = new SipClock();
  const secret = randomBytes(16).toString('hex');
  const facade = new DrachtioFacade({ clock, secret });
  const agent = await UserAgent.open({
    clock,
    user: facade,
    guard: { admits: () => true, judge: () => undefined, offended: () => {} },
    listen: protocols.map((protocol) => ({ protocol, address: '127.0.0.1', port: 0 })),
    product: '',
  });
  const folder = await mkdtemp(join(tmpdir(), 'plan-'));
  const file = join(folder, 'plan.yaml');
  await writeFile(file, text);
  const refused: string[] = [];
  const opened = await openPlan({
    file,
    stateFile: '',
    node: 'a',
    remoteAgent: false,
    clock,
    log: silentLogger,
    refused: ({ address }) => refused.push(address),
  });
  const sip = await SipCalls.connect({
    ...(await facade.listen(agent)),
    clock,
    onListenerError: (error) => {
      throw error;
    },
    handlers: { call, register: (request) => void opened.registrar.handle(request) },
  });
  return {
    opened,
    sip,
    agent,
    clock,
    refused,
    portOf: (protocol = 'UDP') => agent.listening.find((at) => at.protocol === protocol)?.port ?? 0,
    async [Symbol.asyncDispose]() {
      await opened.close();
      await sip.close();
      await agent.close();
      await facade.close();
      await rm(folder, { recursive: true });
    },
  };
}
