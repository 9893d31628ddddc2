import { join } from 'node:path';
import type { Clock } from '../../core/clock.ts';
import type { Logger } from '../../core/log.ts';
import { Scope } from '../../core/scope.ts';
import type { MediaEngine } from '../../media/engine.ts';
import { createPhoneMedia } from '../../media/phones/create-phone-media.ts';
import type { PhoneMediaStats } from '../../media/phones/phone-media.ts';
import type { Signaling } from '../../signaling/create-signaling.ts';
import { parseAdvertisement } from '../../sip/advertisement.ts';
import { Networks } from '../../sip/agent/transports/endpoint.ts';
import { OwnAddress } from '../../sip/agent/transports/own-address.ts';
import { openPlan } from '../../sip/dial-plan/open-plan.ts';
import { type Exchange, openExchange } from '../../sip/exchange.ts';
import type { Sip } from '../../sip/open-sip.ts';
import { openPrompts, type Prompts } from '../../sip/prompts/prompts.ts';
import type { Cluster } from '../cluster/open-cluster.ts';
import type { Config } from '../config/schema.ts';
import { StartError } from '../start-error.ts';

interface ExchangeStartParts {
  readonly clock: Clock;
  readonly log: Logger;
  /** For phones in browsers. */
  readonly engine: MediaEngine;
  readonly sip: Sip;
  readonly signaling: Pick<Signaling, 'phoneDesk' | 'phoneCalls'>;
  readonly cluster: Pick<Cluster, 'name' | 'engines'> | undefined;
}

/** With the media of its phones. */
export interface StartedExchange extends Exchange {
  media(): PhoneMediaStats;
}

/** Undefined where there is no plan: then applications of one's own decide about calls. @throws {StartError} */
export async function startExchange(config: Config, parts: ExchangeStartParts): Promise<StartedExchange | undefined> {
  const { planFile, promptsFolder } = config.sip;
  if (planFile === '') return undefined;
  const scope = new Scope();
  try {
    const { clock, log, engine, sip, signaling, cluster } = parts;
    const { agent } = sip;
    const proxies = new Networks(config.sip.trusted);
    const plan = await openPlan({
      file: planFile,
      stateFile: join(config.dataDir, 'trunks.json'),
      node: cluster?.name ?? '',
      remoteAgent: agent === undefined,
      isProxy: (address) => proxies.has(address),
      clock,
      log,
      ...(agent && { refused: (source) => agent.credentialsRefused(source) }),
      ...(cluster && {
        publish: (identity, contacts) => cluster.engines.directory.phones.publish(identity, contacts),
        tallies: cluster.engines.directory.tallies,
      }),
    });
    scope.defer(() => plan.close());
    const media = await createPhoneMedia({ options: config.sip.media, engine, clock, log });
    scope.defer(() => media.close());
    const exchange = await openExchange({
      clock,
      log,
      plan,
      agent: sip.drachtio,
      media,
      desk: signaling.phoneDesk,
      calls: signaling.phoneCalls,
      prompts: await readPrompts(promptsFolder),
      announcedFor: announcedFor(config),
      // A drachtio-server does not tell.
      isUnanswered: (callId) => agent?.isUnanswered(callId) ?? false,
    });
    scope.defer(() => exchange.close());
    return { ...exchange, media: () => media.stats(), close: () => scope.close() };
  } catch (error) {
    await scope.close();
    if (error instanceof StartError) throw error;
    throw new StartError('starting the telephone exchange', error instanceof Error ? error.message : String(error), {
      mend: 'Set sip.planFile to a dial plan that `parley sip plan check` accepts, and sip.media to ports that are free.',
      cause: error,
    });
  }
}

/** @throws {StartError} */
async function readPrompts(folder: string): Promise<Prompts> {
  try {
    return await openPrompts(folder === '' ? undefined : folder);
  } catch (error) {
    throw new StartError('reading what callers hear', error instanceof Error ? error.message : String(error), {
      mend: 'Mend the file, or take it out of sip.promptsFolder: docs/phone-menus.md says which files may be there.',
      cause: error,
    });
  }
}

/** What phones are told of their media is what they are told of SIP, where nothing else is set. */
function announcedFor({ sip }: Config): (address: string) => string {
  const { announcedAddress, listenIp } = sip.media;
  if (announcedAddress !== '') return () => announcedAddress;
  const [first] = sip.listen;
  const advertise = (first?.advertise ?? []).map(parseAdvertisement).filter((one) => one !== undefined);
  const own = new OwnAddress({ address: listenIp, port: 0 }, advertise);
  return (address) => own.towards(address).host;
}
