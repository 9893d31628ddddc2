import { Document, isScalar, type Scalar } from 'yaml';
import type { LoadedConfig } from '../config.ts';
import { type OptionSchema, optionList } from './option-list.ts';

const mask = '(secret)';
const sourceColumn = 44;

/** The options in effect, as a file that could be read again, each with its source behind it. */
export function toConfigYaml({ config, sourceOf, file }: LoadedConfig, { onlyChanged = false } = {}): string {
  const document = new Document({});
  document.commentBefore = ` ${file === undefined ? 'No file was read.' : `File: ${file}`} All options: docs/configuration.md`;
  for (const { path, schema } of optionList) {
    const source = sourceOf(path);
    if (onlyChanged && source === 'default') continue;
    const steps = path.split('.');
    const value = steps.reduce<unknown>((at, step) => (at as Record<string, unknown>)[step], config);
    document.setIn(steps, document.createNode(masked(schema, value), { flow: true }));
    const node = document.getIn(steps, true) as Scalar | { comment?: string | null };
    node.comment = ` ${source}`;
    if (isScalar(node) && node.value === '') node.type = 'QUOTE_SINGLE';
  }
  return alignComments(document.toString({ lineWidth: 0 }));
}

function masked(schema: OptionSchema, value: unknown): unknown {
  if (schema.secret === true) return value === '' ? '' : mask;
  if (Array.isArray(value)) return value.map((item) => (schema.items ? masked(schema.items, item) : item));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, inner]) => {
    const child = schema.properties?.[name];
    return [name, child ? masked(child, inner) : inner];
  });
  return Object.fromEntries(entries);
}

/** Sources in a column of their own, so that the eye finds what is not a default. */
function alignComments(yaml: string): string {
  return yaml
    .split('\n')
    .map((line) => {
      const at = line.lastIndexOf(' # ');
      return at < 0 ? line : line.slice(0, at).padEnd(sourceColumn) + line.slice(at);
    })
    .join('\n');
}
