import { openSip, type Sip, type SipParts } from '../../sip/open-sip.ts';
import type { SipOptions } from '../../sip/sip-options.ts';
import type { Config } from '../config/schema.ts';
import { version } from '../package-root.ts';
import { StartError } from '../start-error.ts';

/** Undefined where SIP is off. @throws {StartError} */
export async function startSip({ sip }: Config, parts: Omit<SipParts, 'product'>): Promise<Sip | undefined> {
  if (!sip.enabled) return undefined;
  try {
    return await openSip(toSipOptions(sip), { ...parts, product: `Parley/${version}` });
  } catch (error) {
    throw new StartError('starting the SIP agent', error instanceof Error ? error.message : String(error), {
      mend: 'Set sip.listen to addresses of this machine, ports that are free and certificates that are there, and sip.drachtio.caFile to a file that can be read. `parley doctor` tries them.',
      cause: error,
    });
  }
}

function toSipOptions(sip: Config['sip']): SipOptions {
  const { listen, allow, deny, trusted, scanners, rate, ban, load, limits, keepAliveSeconds, trace, drachtio } = sip;
  const { calls, messagesPerCall, bytes } = trace;
  return {
    listen,
    limits,
    keepAliveSeconds,
    defence: {
      allow,
      deny,
      trusted,
      scanners,
      rate,
      ban: { offences: ban.offences, withinMs: ban.withinSeconds * 1_000, forMs: ban.forSeconds * 1_000 },
      load,
      sources: 65_536,
    },
    trace: trace.enabled ? { calls, messagesPerCall, bytes } : undefined,
    drachtio: drachtio.host === '' ? undefined : drachtio,
  };
}
