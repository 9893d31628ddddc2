import { parseAuth } from '../agent/messages/parse-auth.ts';
import { parseNameAddr } from '../agent/messages/parse-name-addr.ts';
import { parseUri } from '../agent/messages/parse-uri.ts';
import type { SipHeaders } from '../agent/messages/sip-headers.ts';
import { Networks } from '../agent/transports/endpoint.ts';
import type { AuthenticatedRequest } from '../drachtio/authenticator.ts';
import type { SrfHeaders } from '../drachtio/srf.ts';
import type { TrunkMedia } from '../trunks/route.ts';
import type { CallerKind, DialRequest } from './decision.ts';
import type { Logins } from './logins.ts';
import type { PlanData, TrunkData } from './plan-data.ts';

/** What the plan is asked, or what the call is to be answered with: a challenge, or a refusal. */
export type Identified =
  | { readonly request: DialRequest }
  | { readonly request: undefined; readonly status: number; readonly headers: SrfHeaders };

interface KnownTrunk {
  readonly trunk: TrunkData;
  /** Undefined: it may call from anywhere. */
  readonly networks: Networks | undefined;
}

/** Tells who calls: a trunk by its address, its password or both; a user by a password; or somebody unknown. */
export class Callers {
  readonly #logins: Logins;
  #plan: PlanData;
  #trunks: readonly KnownTrunk[] = [];

  constructor(logins: Logins, plan: PlanData) {
    this.#logins = logins;
    this.#plan = plan;
    this.use(plan);
  }

  use(plan: PlanData): void {
    this.#plan = plan;
    this.#trunks = plan.trunks.flatMap((trunk) => {
      if (trunk.inbound === undefined) return [];
      const { addresses } = trunk.inbound;
      return [{ trunk, networks: addresses.length === 0 ? undefined : new Networks(addresses) }];
    });
  }

  /** Asked for each INVITE that begins a call. */
  async identify(asked: AuthenticatedRequest): Promise<Identified> {
    const { headers, source } = asked;
    if (!hasCredentials(headers, this.#plan.realm)) {
      const trunk = this.trunkAt(source.address);
      if (trunk !== undefined) return { request: requestOf(asked, { kind: 'trunk', trunk: trunk.name }, trunk) };
      // A user's phone says who it is: with a challenge it calls as that user, without one as a stranger.
      const isStranger = !this.#logins.has(userOf(headers.get('From')));
      if (this.#plan.guests && isStranger) return { request: requestOf(asked, { kind: 'guest' }) };
    }
    const verdict = await this.#logins.check(asked);
    if (verdict.owner === undefined) return { request: undefined, status: verdict.status, headers: verdict.headers };
    if (verdict.owner.kind === 'user') {
      return { request: requestOf(asked, { kind: 'user', identity: verdict.owner.user.identity }) };
    }
    const { trunk } = verdict.owner;
    const networks = this.#trunks.find((known) => known.trunk.name === trunk.name)?.networks;
    if (networks !== undefined && !networks.has(source.address))
      return { request: undefined, status: 403, headers: {} };
    return { request: requestOf(asked, { kind: 'trunk', trunk: trunk.name }, trunk) };
  }

  /** The trunk whose address is enough to know it. */
  trunkAt(address: string): TrunkData | undefined {
    return this.#trunks.find(({ trunk, networks }) => trunk.inbound?.login === '' && networks?.has(address))?.trunk;
  }

  /** How media of their calls is treated. */
  mediaOf(from: CallerKind): TrunkMedia {
    const trunk = from.kind === 'trunk' ? this.#plan.trunks.find(({ name }) => name === from.trunk) : undefined;
    return trunk?.media ?? this.#plan.media;
  }
}

function hasCredentials(headers: SipHeaders, realm: string): boolean {
  return headers.all('Authorization').some((text) => parseAuth(text)?.parameters.get('realm') === realm);
}

function requestOf(
  { uri, headers, source }: Pick<AuthenticatedRequest, 'uri' | 'headers' | 'source'>,
  from: CallerKind,
  trunk?: TrunkData,
): DialRequest {
  return { from, called: calledOf(uri, headers, trunk), ...callerOf(headers, trunk !== undefined), headers, source };
}

function calledOf(uri: string, headers: SipHeaders, trunk: TrunkData | undefined): string {
  const said = userOfUri(uri);
  const to = userOf(headers.get('To'));
  // Whom we registered as is called by what we registered; who was dialled stands in To.
  if (trunk?.register !== undefined && said === trunk.register.contact) return to || said;
  switch (trunk?.inbound?.calledFrom) {
    case 'to':
      return to || said;
    case 'p-called-party-id':
      return userOf(headers.get('P-Called-Party-ID')) || said;
    default:
      return said;
  }
}

/** P-Asserted-Identity is taken of trunks, which vouch for it (RFC 3325), and nobody who wants to be hidden is told of (RFC 3323). */
function callerOf(headers: SipHeaders, isTrunk: boolean): { readonly caller: string; readonly callerName: string } {
  const privacy = headers.get('Privacy')?.toLowerCase().split(';') ?? [];
  const isHidden = privacy.some((value) => /^\s*(?:id|user|header)\s*$/.test(value));
  const asserted = isTrunk ? headers.get('P-Asserted-Identity') : undefined;
  const text = asserted ?? headers.get('From') ?? '';
  const caller = userOf(text);
  if (isHidden || /^(?:anonymous|restricted|unknown)?$/i.test(caller)) return { caller: '', callerName: '' };
  const name = parseNameAddr(text)?.displayName ?? '';
  return { caller, callerName: name.slice(0, 128) };
}

function userOf(nameAddr: string | undefined): string {
  const uri = nameAddr === undefined ? undefined : parseNameAddr(nameAddr)?.uri;
  return uri === undefined ? '' : userOfUri(uri);
}

function userOfUri(text: string): string {
  const uri = parseUri(text);
  if (uri?.scheme === 'tel') return uri.number;
  return uri?.scheme === 'other' ? '' : (uri?.user ?? '');
}
