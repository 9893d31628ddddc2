import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import {
  type Alias,
  type Document,
  isCollection,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  type Node,
  parseDocument,
  visit,
  type YAMLMap,
} from 'yaml';
import { findNearest } from '../../core/nearest.ts';
import type { ConfigProblem } from './config-error.ts';
import { findOption, isSection, optionList } from './option-list.ts';
import type { Layer, Setting } from './setting.ts';

const maxFileBytes = 1_048_576;
const quoteStar = 'A star that stands for itself is written in quotes, as in ["*"]';

/** Reads a YAML file; every setting and every problem knows its line. */
export function readFileLayer(file: string): Layer {
  let content: string;
  try {
    if (statSync(file).size > maxFileBytes) throw new Error(`it is larger than ${maxFileBytes} bytes`);
    content = readFileSync(file, 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { settings: [], problems: [{ path: '', source: file, problem: `The file cannot be read: ${reason}.` }] };
  }
  return parseFileLayer(content, basename(file));
}

/** @param fileName stands in front of the line in sources. */
export function parseFileLayer(content: string, fileName: string): Layer {
  const lines = new LineCounter();
  const document = parseDocument(content, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number | undefined) => `${fileName}:${offset === undefined ? 1 : lines.linePos(offset).line}`;
  const settings: Setting[] = [];
  const problems: ConfigProblem[] = document.errors.map((error) => ({
    path: '',
    source: at(error.pos[0]),
    problem: `The file is not YAML: ${error.message}.${error.code === 'BAD_ALIAS' ? ` ${quoteStar}.` : ''}`,
  }));
  if (problems.length > 0 || document.contents === null) return { settings, problems };

  const walk = (map: YAMLMap, prefix: string): void => {
    for (const { key, value } of map.items) {
      const name = isScalar(key) ? String(key.value) : String(key);
      const path = prefix + name;
      const source = at(isNode(key) ? key.range?.[0] : undefined);
      const option = findOption(path);
      if (option) {
        const read = readValue(value as Node | null, document);
        if ('problem' in read) problems.push({ path, source, problem: read.problem });
        else {
          const sourceInside = (inner: string) => at(findNode(value, inner)?.range?.[0]);
          settings.push({ option, value: read.value, source, sourceInside });
        }
      } else if (!isSection(path)) problems.push({ path, source, problem: unknownOption(path) });
      else if (isMap(value)) walk(value, `${path}.`);
      // A heading whose lines are all commented out is an empty section.
      else if (isScalar(value) ? value.value !== null : value !== null) {
        problems.push({ path, source, problem: 'is a group of options and cannot have a value of its own' });
      }
    }
  };
  if (isMap(document.contents)) walk(document.contents, '');
  else
    problems.push({ path: '', source: at(0), problem: 'The file must hold options as in `gateway: { port: 8080 }`.' });
  return { settings, problems };
}

function readValue(node: Node | null, document: Document.Parsed): { value: unknown } | { problem: string } {
  try {
    const value: unknown = node?.toJS(document) ?? null;
    return isCyclic(value) ? { problem: 'has an alias of what it stands in' } : { value };
  } catch {
    const missing = findAliases(node).find((alias) => alias.resolve(document) === undefined);
    if (missing) return { problem: `has the alias *${missing.source}, which nothing defines. ${quoteStar}` };
    return { problem: 'has aliases that stand for too much' };
  }
}

/** The innermost node that there is on the way to a place, as in `[1].secret`. */
function findNode(value: unknown, path: string): Node | undefined {
  const steps = path.split(/[[\].]/).filter(Boolean);
  let node: unknown = value;
  for (const step of steps) {
    const child: unknown = isCollection(node) ? node.get(isSeq(node) ? Number(step) : step, true) : undefined;
    if (!isNode(child)) break;
    node = child;
  }
  return isNode(node) ? node : undefined;
}

function findAliases(node: Node | null): readonly Alias[] {
  const found: Alias[] = [];
  if (node) visit(node, { Alias: (_, alias) => void found.push(alias) });
  return found;
}

function isCyclic(value: unknown, inside: readonly unknown[] = []): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return inside.includes(value) || Object.values(value).some((child) => isCyclic(child, [...inside, value]));
}

export function unknownOption(path: string): string {
  const nearest = findNearest(
    path,
    optionList.map((option) => option.path),
  );
  return `is not an option${nearest ? `: did you mean ${nearest}?` : '. See docs/configuration.md'}`;
}
