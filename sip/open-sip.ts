// The SIP side of the server, put together: the agent, its defence, what is kept of calls, and where applications connect.

import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/log.ts';
import { Defence, type DefenceStats } from './agent/defence/defence.ts';
import { DrachtioFacade } from './agent/facade/drachtio-facade.ts';
import { messageLimits } from './agent/messages/limits.ts';
import { tagOf } from './agent/messages/parse-name-addr.ts';
import type { Endpoint } from './agent/transports/endpoint.ts';
import { type Listening, transportLimits } from './agent/transports/listen.ts';
import { UserAgent } from './agent/user-agent/user-agent.ts';
import type { UserAgentStats } from './agent/user-agent/user-agent-stats.ts';
import type { UserAgentUser } from './agent/user-agent/user-agent-user.ts';
import { answerOptions } from './answer-options.ts';
import { drainCalls } from './drain-calls.ts';
import { type Explanation, explain } from './explain.ts';
import { type KeptCall, type LadderStats, Ladders } from './ladder/ladders.ts';
import { answerLeaving, takenElsewhere } from './leaving.ts';
import { readListen } from './read-listen.ts';
import type { DrachtioAddress, DrachtioServer, SipOptions } from './sip-options.ts';

export interface SipStats {
  readonly agent: UserAgentStats;
  readonly defence: DefenceStats;
  readonly ladders: LadderStats | undefined;
  readonly apps: number;
}

export interface SipTraces {
  find(callId: string): KeptCall | undefined;
  /** The newest first. */
  newest(most: number): readonly KeptCall[];
}

/** The agent inside this process. */
export interface SipAgent {
  readonly listening: readonly Listening[];
  /** Undefined: no messages are kept. */
  readonly traces: SipTraces | undefined;
  /** `from`: where the message is taken to come from, if not from where its Via says. */
  explain(message: Uint8Array, from?: Endpoint): Explanation;
  /** Somebody at this address did not know a password: too many of these are a ban. */
  credentialsRefused(remote: Endpoint): void;
  /** Whether an INVITE of this call waits and got no answer so far, not even 100. */
  isUnanswered(callId: string): boolean;
  stats(): SipStats;
  /** No new calls: INVITE and OPTIONS get 503. Resolves when those that run are over, or after `withinMs`. */
  drain(withinMs: number): Promise<void>;
}

export interface Sip {
  /** What applications connect to. */
  readonly drachtio: DrachtioAddress;
  /** Undefined where a drachtio-server elsewhere does its work. */
  readonly agent: SipAgent | undefined;
  /** Ends all calls. */
  close(): Promise<void>;
}

export interface SipParts {
  readonly clock: Clock;
  readonly log: Logger;
  readonly product: string;
  /** Whether the node sends its clients elsewhere for now: then calls go elsewhere as well. */
  readonly isLeaving?: () => boolean;
}

/** @throws what the system says of an address, a port or a file. */
export async function openSip(
  options: SipOptions,
  { clock, log, product, isLeaving = () => false }: SipParts,
): Promise<Sip> {
  if (options.drachtio !== undefined) {
    return { drachtio: addressOf(options.drachtio), agent: undefined, close: () => Promise.resolve() };
  }
  const defence = new Defence(options.defence, clock);
  const ladders = options.trace && new Ladders(clock, options.trace);
  const facade = new DrachtioFacade({ clock, secret: randomBytes(32).toString('base64url') });
  const user = servedBy(facade, () => agent, isLeaving);
  const listen = options.listen.map(readListen);
  const limits = options.limits ?? { ...transportLimits, ...messageLimits };
  const { connections, connectionsPerSource, headBytes, bodyBytes, fieldBytes, fields } = limits;
  const messages = { headBytes, bodyBytes, fieldBytes, fields };
  const agent: UserAgent = await UserAgent.open({
    clock,
    user,
    guard: defence,
    listen,
    limits: { ...transportLimits, connections, connectionsPerSource, messages },
    product,
    ...(options.keepAliveSeconds !== undefined && { keepAliveSeconds: options.keepAliveSeconds }),
    ...(ladders && { tap: ladders }),
  });
  const drachtio = await facade.listen(agent).catch(async (error: unknown) => {
    await agent.close();
    throw error;
  });
  log.info({ listening: agent.listening }, 'SIP agent listening');
  const apps = () => facade.stats.apps;
  const wanting = (method: string) => facade.wanting(method);
  return {
    drachtio,
    agent: {
      listening: agent.listening,
      traces: ladders,
      explain: (message, from) =>
        explain({ agent, defence, limits: messages, apps, wanting, isLeaving }, message, from),
      credentialsRefused: (remote) => defence.offended(remote, 'credentials'),
      isUnanswered: (callId) => agent.isUnanswered(callId),
      stats: () => ({ agent: agent.stats, defence: defence.stats, ladders: ladders?.stats, apps: apps() }),
      drain: (withinMs) => drainCalls(agent, clock, withinMs),
    },
    async close() {
      await agent.close();
      await facade.close();
    },
  };
}

/** Applications decide, but whoever asks whether somebody is here is answered where none of them does. */
function servedBy(facade: DrachtioFacade, agent: () => UserAgent, isLeaving: () => boolean): UserAgentUser {
  return {
    request(incoming, session) {
      const { method, headers } = incoming.request;
      const isNew = tagOf(headers.get('To')) === undefined;
      if (isNew && takenElsewhere.has(method) && isLeaving()) agent().respond(incoming, session, answerLeaving());
      else if (session === undefined && incoming.request.method === 'OPTIONS' && facade.wanting('OPTIONS') === 0)
        agent().respond(incoming, undefined, answerOptions());
      else facade.request(incoming, session);
    },
    canceled: (cancel, incoming, session) => facade.canceled(cancel, incoming, session),
    refused: (response, cancel, incoming, session) => facade.refused(response, cancel, incoming, session),
    acknowledged: (ack, session, flow) => facade.acknowledged(ack, session, flow),
    ended: (reason, bye, session) => facade.ended(reason, bye, session),
    over: (session) => facade.over(session),
  };
}

function addressOf({ host, port, secret, tls, caFile }: DrachtioServer): DrachtioAddress {
  if (!tls) return { host, port, secret };
  return { host, port, secret, tls: caFile === '' ? {} : { ca: readFileSync(caFile, 'utf8') } };
}
