import { readFileSync, statSync } from 'node:fs';
import { basename } from 'node:path';
import { isMap, isNode, isScalar, LineCounter, type Node, parseDocument, type YAMLMap } from 'yaml';
import type { ConfigProblem } from './config-error.ts';
import { findNearest } from './nearest.ts';
import { findOption, isSection, optionList } from './option-list.ts';
import type { Layer, Setting } from './setting.ts';

const maxFileBytes = 1_048_576;

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
    problem: `The file is not YAML: ${error.message}.`,
  }));
  if (problems.length > 0 || document.contents === null) return { settings, problems };

  const walk = (map: YAMLMap, prefix: string): void => {
    for (const { key, value } of map.items) {
      const name = isScalar(key) ? String(key.value) : String(key);
      const path = prefix + name;
      const source = at(isNode(key) ? key.range?.[0] : undefined);
      const option = findOption(path);
      if (option) settings.push({ option, value: (value as Node | null)?.toJS(document) ?? null, source });
      else if (!isSection(path)) problems.push({ path, source, problem: unknownOption(path) });
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

export function unknownOption(path: string): string {
  const nearest = findNearest(
    path,
    optionList.map((option) => option.path),
  );
  return `is not an option${nearest ? `: did you mean ${nearest}?` : '. See docs/configuration.md'}`;
}
