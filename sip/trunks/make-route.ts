import type { Parameters } from '../agent/messages/parameters.ts';
import { formatNameAddr } from '../agent/messages/parse-name-addr.ts';
import { formatUri, parseUri, type SipUri } from '../agent/messages/parse-uri.ts';
import { formatNumber, isE164 } from '../dial-plan/numbers.ts';
import type { PlanUser, TrunkData, TrunkOutbound } from '../dial-plan/plan-data.ts';
import type { Route } from './route.ts';

const none: Parameters = new Map();

/** A call to a number by a target, as the trunk wants both written. */
export function makeRoute(
  { name, numbers, media }: TrunkData,
  outbound: TrunkOutbound,
  target: string,
  number: string,
  caller: PlanUser | undefined,
): Route {
  const asTrunk = (text: string) => formatNumber(text, numbers.outgoing, numbers);
  // Only numbers of the world: extensions mean nothing to those who are called.
  const shown = caller?.callerId || caller?.numbers.find(isE164) || outbound.callerId;
  const from = shown === '' ? outbound.user || 'anonymous' : asTrunk(shown);
  const identity: SipUri = { scheme: 'sip', user: from, host: outbound.domain, parameters: none, headers: none };
  const uri = formatUri(identity);
  const displayName = caller?.name ?? '';
  return {
    trunk: name,
    number,
    uri: toUri(target, `${isE164(number) ? numbers.prefix : ''}${asTrunk(number)}`),
    proxy: target,
    headers: {
      ...Object.fromEntries(outbound.headers),
      From: formatNameAddr({ displayName, uri, parameters: none }),
      ...(shown !== '' && { 'P-Asserted-Identity': formatNameAddr({ displayName, uri, parameters: none }) }),
    },
    credentials: outbound.user === '' ? undefined : { user: outbound.user, password: outbound.password },
    media,
  };
}

/** The number at the target’s host. */
function toUri(target: string, user: string): string {
  const uri = parseUri(target);
  if (uri?.scheme !== 'sip' && uri?.scheme !== 'sips') return target;
  return formatUri({ ...uri, user });
}
