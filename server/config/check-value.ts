import { Check, Default, Errors } from 'typebox/value';
import type { OptionSchema } from './option-list.ts';
import { holdsSecret } from './option-list.ts';

/** A value as its option wants it, or every complaint about it: `path` is inside the value, as in `[0].kid`. */
export type CheckedValue =
  | { readonly value: unknown }
  | { readonly complaints: readonly { readonly path: string; readonly problem: string }[] };

/** What typebox finds, in our words: one sentence for each place, with what is allowed there. */
export function checkValue(schema: OptionSchema, given: unknown): CheckedValue {
  // Fills in what the items of lists leave out; clones first, for it writes into what it is given.
  const value = Default(schema, structuredClone(given));
  if (Check(schema, value)) return { value };
  const complaints = new Map<string, string>();
  for (const { instancePath, keyword } of Errors(schema, value)) {
    const steps = instancePath.split('/').slice(1);
    const path = toPath(steps);
    const place = findSchema(schema, steps);
    if (keyword === 'additionalProperties') continue;
    if (place === undefined) complaints.set(path, 'is not known');
    else if (!complaints.has(path))
      complaints.set(path, `must be ${describe(place)}${butIs(place, valueAt(value, steps))}`);
  }
  return { complaints: [...complaints].map(([path, problem]) => ({ path, problem })) };
}

/** The items of a list that are each as it wants them, and undefined in place of the others. */
export function checkItems({ items }: OptionSchema, given: unknown): readonly unknown[] {
  if (!Array.isArray(given) || items === undefined) return [];
  return given.map((item: unknown) => {
    const checked = checkValue(items, item);
    return 'value' in checked ? checked.value : undefined;
  });
}

/** What a valid value is, as in `a whole number from 0 to 65535`. */
export function describe(schema: OptionSchema): string {
  if (schema.expects) return schema.expects;
  if (schema.enum) return `one of ${schema.enum.join(', ')}`;
  if (schema.type === 'integer') return `a whole number from ${schema.minimum} to ${schema.maximum}`;
  if (schema.type === 'number') return `a number from ${schema.minimum} to ${schema.maximum}`;
  if (schema.type === 'boolean') return 'true or false';
  if (schema.type === 'array') return 'a list';
  return schema.type === 'object' ? 'a group of options' : 'text';
}

function butIs(schema: OptionSchema, value: unknown): string {
  if (holdsSecret(schema)) return '';
  const shown = JSON.stringify(value) ?? String(value);
  return `, not ${shown.length > 80 ? `${shown.slice(0, 77)}…` : shown}`;
}

function findSchema(schema: OptionSchema, steps: readonly string[]): OptionSchema | undefined {
  let place: OptionSchema | undefined = schema;
  for (const step of steps) place = /^\d+$/.test(step) && place?.items ? place.items : place?.properties?.[step];
  return place;
}

function valueAt(value: unknown, steps: readonly string[]): unknown {
  return steps.reduce<unknown>((at, step) => (at as Record<string, unknown> | undefined)?.[step], value);
}

function toPath(steps: readonly string[]): string {
  return steps.map((step) => (/^\d+$/.test(step) ? `[${step}]` : `.${step}`)).join('');
}
