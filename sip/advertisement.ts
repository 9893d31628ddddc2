import { isIP } from 'node:net';
import { Networks } from './agent/transports/endpoint.ts';
import type { Advertisement } from './agent/transports/listen.ts';

/** `203.0.113.7`, `203.0.113.7:5060`, `[2001:db8::1]:5060`, `sip.example.org` or `10.0.0.5 for 10.0.0.0/8`. */
export function parseAdvertisement(text: string): Advertisement | undefined {
  const [where = '', ...rest] = text.trim().split(/\s+for\s+/);
  if (rest.length > 1) return undefined;
  const towards = rest[0]?.split(/[\s,]+/).filter((network) => network !== '');
  if (towards !== undefined && (towards.length === 0 || !areNetworks(towards))) return undefined;
  const place = parsePlace(where);
  return place && { ...place, ...(towards !== undefined && { towards }) };
}

export function isAdvertisement(text: string): boolean {
  return parseAdvertisement(text) !== undefined;
}

function parsePlace(text: string): { address: string; port?: number } | undefined {
  if (isIP(text) === 6) return { address: text };
  const [, bracketed, name, digits] = /^(?:\[([^\]]+)\]|([A-Za-z0-9.-]{1,253}))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const address = bracketed ?? name;
  if (address === undefined || (bracketed !== undefined && isIP(bracketed) !== 6)) return undefined;
  const port = digits === undefined ? undefined : Number(digits);
  if (port !== undefined && (port < 1 || port > 65_535)) return undefined;
  return { address, ...(port !== undefined && { port }) };
}

function areNetworks(networks: readonly string[]): boolean {
  try {
    new Networks(networks);
    return true;
  } catch {
    return false;
  }
}
