import { parseUri } from '../../agent/messages/parse-uri.ts';
import type { NumberRules } from '../numbers.ts';
import type {
  FraudRules,
  TrunkData,
  TrunkInbound,
  TrunkLimits,
  TrunkNumbers,
  TrunkOutbound,
  TrunkRegistration,
} from '../plan-data.ts';
import type { Fields } from './fields.ts';
import {
  isDialled,
  isHeaderName,
  isName,
  isNetwork,
  isPrefix,
  isSipUri,
  readMedia,
  readNumbers,
  readSecret,
} from './read-parts.ts';

const most = { networks: 256, targets: 16, prefixes: 2_000, headers: 16 } as const;
const million = 1_000_000;

/** Satellites, ships and networks of no country: hardly anybody calls them, and thieves are paid for calls to them. */
const expensive = ['+870', '+878', '+881', '+882', '+883', '+979'];

/** @param numbers how users dial: what a trunk does not say is as there. */
export function readTrunk(fields: Fields, numbers: NumberRules): TrunkData {
  const trunk: TrunkData = {
    name: fields.requireText('name', isName),
    inbound: fields.has('inbound') ? readInbound(fields.section('inbound')) : undefined,
    outbound: fields.has('outbound') ? readOutbound(fields.section('outbound')) : undefined,
    register: fields.has('register') ? readRegistration(fields.section('register')) : undefined,
    numbers: readTrunkNumbers(fields.section('numbers'), numbers),
    limits: readLimits(fields.section('limits')),
    prices: readPrices(fields),
    fraud: readFraud(fields.section('fraud')),
    media: readMedia(fields.section('media')),
  };
  if (trunk.inbound === undefined && trunk.outbound === undefined) {
    fields.problem('', 'needs inbound, outbound or both');
  }
  if (trunk.limits.spendPerDay > 0 && trunk.prices.size === 0) {
    fields.section('limits').problem('spendPerDay', 'needs prices: nobody knows what a call costs');
  }
  return trunk;
}

function readInbound(fields: Fields): TrunkInbound {
  const inbound: TrunkInbound = {
    addresses: fields.texts('addresses', most.networks, isNetwork) ?? [],
    login: fields.text('login') ?? '',
    secret: readSecret(fields),
    calledFrom: fields.oneOf('calledFrom', ['request', 'to', 'p-called-party-id'] as const, 'request'),
  };
  fields.end();
  if ((inbound.login === '') !== (inbound.secret === undefined)) {
    fields.problem('', 'needs login and password together');
  }
  if (inbound.addresses.length === 0 && inbound.login === '') {
    fields.problem('', 'needs addresses, or a login and its password: anybody could call');
  }
  return inbound;
}

function readOutbound(fields: Fields): TrunkOutbound {
  const headers = fields.entries('headers', most.headers);
  for (const name of headers.keys())
    if (!isHeaderName.check(name)) fields.problem('headers', `has ${name}, which is no name of a header field`);
  const outbound: TrunkOutbound = {
    targets: fields.texts('targets', most.targets, isSipUri) ?? [],
    user: fields.text('user') ?? '',
    password: fields.text('password') ?? '',
    callerId: fields.text('callerId', isDialled) ?? '',
    domain: fields.text('domain') ?? 'localhost',
    headers,
    probeSeconds: fields.integer('probeSeconds', { min: 0, max: 3_600, default: 30 }),
    deadSeconds: fields.integer('deadSeconds', { min: 1, max: 86_400, default: 120 }),
  };
  fields.end();
  if (outbound.targets.length === 0) fields.problem('', 'needs targets');
  if ((outbound.user === '') !== (outbound.password === '')) fields.problem('', 'needs user and password together');
  return outbound;
}

function readRegistration(fields: Fields): TrunkRegistration {
  const registrar = fields.requireText('registrar', isSipUri);
  const user = fields.requireText('user');
  const { host = '' } = hostOf(registrar);
  const registration: TrunkRegistration = {
    registrar,
    user,
    password: fields.requireText('password'),
    address: fields.text('address', isSipUri) ?? `sip:${user}@${host}`,
    contact: fields.text('contact', isName) ?? user.replace(/[^\w.-]/g, '-'),
    seconds: fields.integer('seconds', { min: 60, max: 86_400, default: 3_600 }),
    proxy: fields.text('proxy', isSipUri) ?? '',
    node: fields.text('node') ?? '',
  };
  fields.end();
  return registration;
}

function hostOf(text: string): { readonly host?: string } {
  const uri = parseUri(text);
  return uri?.scheme === 'sip' || uri?.scheme === 'sips' ? uri : {};
}

function readTrunkNumbers(fields: Fields, base: NumberRules): TrunkNumbers {
  const numbers: TrunkNumbers = {
    ...readNumbers(fields, base),
    withoutPlus: fields.yesOrNo('withoutPlus', false),
    outgoing: fields.oneOf('outgoing', ['e164', 'digits', 'national', 'as-is'] as const, 'e164'),
    prefix: fields.text('prefix', isPrefix) ?? '',
  };
  fields.end();
  return numbers;
}

function readLimits(fields: Fields): TrunkLimits {
  const limits: TrunkLimits = {
    calls: fields.integer('calls', { min: 0, max: 100_000, default: 0 }),
    callsPerSecond: fields.number('callsPerSecond', { min: 0, max: 10_000, default: 0 }),
    allow: fields.texts('allow', most.prefixes, isPrefix) ?? [],
    deny: fields.texts('deny', most.prefixes, isPrefix) ?? [],
    minutesPerDay: fields.integer('minutesPerDay', { min: 0, max: 100 * million, default: 0 }),
    spendPerDay: fields.number('spendPerDay', { min: 0, max: 100 * million, default: 0 }),
  };
  fields.end();
  return limits;
}

function readPrices(fields: Fields): ReadonlyMap<string, number> {
  const prices = new Map<string, number>();
  for (const [prefix, text] of fields.entries('prices', most.prefixes)) {
    const price = Number(text);
    if (!isPrefix.check(prefix)) fields.problem('prices', `has ${prefix}: it must be ${isPrefix.expects}`);
    else if (!(text.trim() !== '' && price >= 0 && price <= million))
      fields.problem('prices', `has ${text} for ${prefix}: it must be money a minute, as 0.02`);
    else prices.set(prefix, price);
  }
  return prices;
}

function readFraud(fields: Fields): FraudRules {
  const fraud: FraudRules = {
    prefixes: fields.texts('prefixes', most.prefixes, isPrefix) ?? expensive,
    pricePerMinute: fields.number('pricePerMinute', { min: 0, max: million, default: 0.5 }),
    calls: fields.integer('calls', { min: 1, max: million, default: 10 }),
    spend: fields.number('spend', { min: 0, max: million, default: 0 }),
    withinMinutes: fields.integer('withinMinutes', { min: 1, max: 1_440, default: 10 }),
    opens: fields.oneOf('opens', ['by-operator', 'next-day'] as const, 'by-operator'),
  };
  fields.end();
  return fraud;
}
