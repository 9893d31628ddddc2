import { limitGroup } from '../../../core/ip-address.ts';
import { Networks } from '../transports/endpoint.ts';
import { type DefenceOptions, floodFactor } from './defence-options.ts';
import type { Rule } from './rule.ts';
import type { Sources } from './sources.ts';

/** Trunks and proxies are neither banned nor held to a rate. */
export type IsTrusted = (address: string) => boolean;

/** Asked before anything is read: of a datagram, and of a connection. */
export function createSourceRules(options: DefenceOptions, sources: Sources, isTrusted: IsTrusted): readonly Rule[] {
  const allow = new Networks(options.allow);
  const deny = new Networks(options.deny);
  return [
    {
      name: 'deny',
      answer: 'drop',
      stops: ({ remote }) => options.deny.length > 0 && deny.has(remote.address),
      because: ({ remote }) =>
        options.deny.length === 0
          ? 'no network is denied'
          : `${remote.address} is ${deny.has(remote.address) ? 'in' : 'in none of'} ${options.deny.join(', ')}`,
    },
    {
      name: 'allow',
      answer: 'drop',
      stops: ({ remote: { address } }) => options.allow.length > 0 && !allow.has(address) && !isTrusted(address),
      because: ({ remote: { address } }) => {
        if (options.allow.length === 0) return 'every network is allowed';
        if (allow.has(address)) return `${address} is in ${options.allow.join(', ')}`;
        return isTrusted(address) ? `${address} is trusted` : `${address} is in none of ${options.allow.join(', ')}`;
      },
    },
    createBanRule(options, sources, isTrusted),
    {
      name: 'flood',
      answer: 'drop',
      stops: ({ remote: { address }, nowMs }) =>
        !isTrusted(address) && (sources.find(address)?.messages.waitMs(nowMs) ?? 0) > 0,
      passed: ({ remote: { address }, nowMs }) => {
        if (!isTrusted(address)) sources.of(address, nowMs).messages.take(nowMs);
      },
      because: ({ remote: { address } }) =>
        isTrusted(address)
          ? `${address} is trusted`
          : `at most ${options.rate.perSecond * floodFactor} messages a second of ${limitGroup(address)} are read`,
    },
  ];
}

/** Again of each request: a connection may be older than the ban. */
export function createBanRule({ ban }: DefenceOptions, sources: Sources, isTrusted: IsTrusted): Rule {
  return {
    name: 'ban',
    answer: 'drop',
    stops: ({ remote: { address }, nowMs }) => !isTrusted(address) && (sources.find(address)?.bannedUntil ?? 0) > nowMs,
    because: ({ remote: { address }, nowMs }) => {
      if (isTrusted(address)) return `${address} is trusted`;
      if (ban.offences === 0) return 'nobody is banned';
      const source = sources.find(address);
      if (source !== undefined && source.bannedUntil > nowMs) {
        const seconds = Math.ceil((source.bannedUntil - nowMs) / 1000);
        return `${limitGroup(address)} had ${ban.offences} offences and is banned for another ${seconds} s`;
      }
      const current = source === undefined || nowMs - source.since > ban.withinMs ? 0 : source.offences;
      return `${limitGroup(address)} has ${current} offences of ${ban.offences}`;
    },
  };
}
