import type { TSchema } from 'typebox';
import type { OptionMeta } from './option.ts';
import { configSchema } from './schema.ts';

/** One option of the schema, wherever in it. */
export interface OptionEntry {
  /** `gateway.tls.certFile` */
  readonly path: string;
  /** `PARLEY_GATEWAY_TLS_CERT_FILE` */
  readonly envName: string;
  readonly schema: OptionSchema;
}

/** What this folder reads of a schema: JSON Schema's words and ours. */
export interface OptionSchema extends TSchema, OptionMeta {
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: OptionSchema;
  readonly properties?: Readonly<Record<string, OptionSchema>>;
}

export const optionList: readonly OptionEntry[] = [...flatten(configSchema as unknown as OptionSchema, '')];

const byPath = new Map(optionList.map((option) => [option.path, option]));
const byEnvName = new Map(optionList.map((option) => [option.envName, option]));

export const findOption = (path: string): OptionEntry | undefined => byPath.get(path);
export const findOptionByEnvName = (name: string): OptionEntry | undefined => byEnvName.get(name);

/** True for `gateway` and `gateway.tls`: a place that holds options. */
export function isSection(path: string): boolean {
  return optionList.some((option) => option.path.startsWith(`${path}.`));
}

/** The schema of a section, as in `gateway.tls`, or of an option. */
export function schemaOf(path: string): OptionSchema | undefined {
  const root: OptionSchema | undefined = configSchema as unknown as OptionSchema;
  return path.split('.').reduce<OptionSchema | undefined>((at, step) => at?.properties?.[step], root);
}

/** Holds something that must not be printed, itself or in its items. */
export function holdsSecret(schema: OptionSchema): boolean {
  const inside = [...Object.values(schema.properties ?? {}), ...(schema.items ? [schema.items] : [])];
  return schema.secret === true || inside.some(holdsSecret);
}

function* flatten(schema: OptionSchema, prefix: string): Generator<OptionEntry> {
  for (const [name, child] of Object.entries(schema.properties ?? {})) {
    const path = prefix + name;
    if (child.type === 'object') yield* flatten(child, `${path}.`);
    else yield { path, envName: toEnvName(path), schema: child };
  }
}

function toEnvName(path: string): string {
  return `PARLEY_${path
    .replaceAll('.', '_')
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toUpperCase()}`;
}
