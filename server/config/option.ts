// The kinds of options. Each is a typebox schema that also carries what a person needs to know of it.

import { isIP } from 'node:net';
import { Type } from 'typebox';

/** What an option's schema carries besides its type; the loader, `parley config` and docs/configuration.md read it. */
export interface OptionMeta {
  readonly default: unknown;
  /** Instead of `default` while `dev` is on. */
  readonly devDefault?: unknown;
  /** What the number counts: `ms`, `bytes`, `per second`, … */
  readonly unit?: string;
  /** What it is for, and what happens at its bound. */
  readonly about: string;
  /** Masked wherever it is printed. */
  readonly secret?: boolean;
  /** In words, what a valid value is; made from the schema where it is left out. */
  readonly expects?: string;
}

type Meta<Value> = Omit<OptionMeta, 'default' | 'devDefault'> & {
  readonly default: Value;
  readonly devDefault?: Value;
};

/** A folder of options; `about` is its heading's text in the documentation. */
export function section<Properties extends Record<string, object>>(about: string, properties: Properties) {
  return Type.Object(properties, { additionalProperties: false, about });
}

export function integer({ min, max, ...meta }: Meta<number> & { min: number; max: number }) {
  return Type.Integer({ minimum: min, maximum: max, ...meta });
}

/** A share of something, from 0 to 1, or a part of that. */
export function share({ min = 0, max = 1, ...meta }: Meta<number> & { min?: number; max?: number }) {
  return Type.Number({ minimum: min, maximum: max, ...meta });
}

export function yesOrNo(meta: Meta<boolean>) {
  return Type.Boolean({ ...meta });
}

export function text({ maxLength = 1024, ...meta }: Meta<string> & { maxLength?: number }) {
  return Type.String({ maxLength, ...meta });
}

/** Text that has to pass a check; `expects` says of what kind it is. */
export function textThat(check: (value: string) => boolean, meta: Meta<string> & { expects: string }) {
  return Type.Refine(text(meta), check);
}

export function oneOf<const Values extends readonly string[]>(values: Values, meta: Meta<Values[number]>) {
  return Type.Enum([...values] as unknown as readonly [...{ -readonly [Index in keyof Values]: Values[Index] }], {
    ...meta,
  });
}

/** A list of texts; `check` is for each of them. */
export function listOf(meta: Meta<readonly string[]> & { expects: string; check: (value: string) => boolean }) {
  const { check, ...rest } = meta;
  const item = Type.Refine(Type.String({ maxLength: 1024, expects: rest.expects }), check);
  return Type.Array(item, { maxItems: 256, ...rest, expects: `a list of ${rest.expects}` });
}

/** `perSecond` sustained, `burst` at once. */
export function rate(what: string, defaults: { perSecond: number; burst: number }) {
  return section(what, {
    perSecond: integer({
      default: defaults.perSecond,
      min: 1,
      max: 1_000_000,
      unit: 'per second',
      about: `${what}: how many a second, in the long run.`,
    }),
    burst: integer({
      default: defaults.burst,
      min: 1,
      max: 1_000_000,
      about: `${what}: how many at once before the rate holds. Beyond that: RATE_LIMITED.`,
    }),
  });
}

/** 192.0.2.1, 2001:db8::1, 192.0.2.0/24 or 2001:db8::/32 (RFC 4632, RFC 4291). */
export function isAddressOrBlock(value: string): boolean {
  const [address = '', bits, ...rest] = value.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}

/** https://chat.example.org:8443: a scheme and a host, nothing behind (RFC 6454); or `*`. */
export function isOrigin(value: string): boolean {
  if (value === '*') return true;
  return URL.canParse(value) && new URL(value).origin === value;
}

/** A name of the DNS or an address. */
export function isHost(value: string): boolean {
  return (
    isIP(value) !== 0 ||
    /^(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$/.test(value)
  );
}
