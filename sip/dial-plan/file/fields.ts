// Reads one part of a plan after another. Whatever is wrong is noted with its place, and reading goes on with a value that fits: all
// problems are told at once.

import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type LineCounter,
  type Node,
  type Pair,
  type YAMLMap,
} from 'yaml';
import { findNearest } from '../../../core/nearest.ts';
import type { PlanProblem } from './plan-problem.ts';

/** What the fields of one file share. */
export interface Reading {
  readonly document: Document;
  readonly lines: LineCounter;
  readonly problems: PlanProblem[];
}

export interface TextRule {
  readonly check: (text: string) => boolean;
  /** Behind `must be`. */
  readonly expects: string;
}

export interface NumberRule {
  readonly min: number;
  readonly max: number;
  readonly default: number;
}

/** Nobody writes more of anything in a name or a password. */
const longestText = 512;

/** A place in the file: `users[0]`. */
export class Fields {
  readonly path: string;
  readonly #reading: Reading;
  readonly #map: YAMLMap | undefined;
  readonly #offset: number;
  readonly #known = new Set<string>();

  constructor(reading: Reading, written: unknown, path: string, offset = 0) {
    this.#reading = reading;
    const node = isAlias(written) ? written.resolve(reading.document) : written;
    this.path = path;
    this.#offset = rangeOf(node) ?? offset;
    this.#map = isMap(node) ? node : undefined;
    if (this.#map === undefined && node !== undefined && !isNothing(node))
      this.problem('', 'must be a group of fields');
  }

  /** Notes what is wrong with a field, or with all of them together (''). */
  problem(name: string, problem: string): void {
    this.#note(name === '' ? this.path : this.#pathOf(name), this.#pair(name)?.key ?? this.#offset, problem);
  }

  has(name: string): boolean {
    return this.#value(name) !== undefined;
  }

  /** Numbers are taken as they are written: `0800` stays `0800`. */
  text(name: string, rule?: TextRule): string | undefined {
    const node = this.#value(name);
    return node === undefined ? undefined : this.#readText(this.#pathOf(name), node, rule);
  }

  requireText(name: string, rule?: TextRule): string {
    const text = this.text(name, rule);
    if (text === undefined && !this.has(name)) this.problem('', `needs ${name}`);
    return text ?? '';
  }

  /** One text, or a list of them. Undefined: there is none. */
  texts(name: string, most: number, rule?: TextRule): readonly string[] | undefined {
    const node = this.#value(name);
    if (node === undefined) return undefined;
    const path = this.#pathOf(name);
    if (!isSeq(node)) return [this.#readText(path, node, rule)].filter((text) => text !== undefined);
    if (node.items.length > most) this.problem(name, `has ${node.items.length} entries: at most ${most} are taken`);
    return node.items
      .slice(0, most)
      .map((item, at) => this.#readText(`${path}[${at}]`, item, rule))
      .filter((text) => text !== undefined);
  }

  integer(name: string, rule: NumberRule): number {
    return this.#number(name, rule, true);
  }

  number(name: string, rule: NumberRule): number {
    return this.#number(name, rule, false);
  }

  yesOrNo(name: string, byDefault: boolean): boolean {
    const node = this.#value(name);
    if (node === undefined) return byDefault;
    if (isScalar(node) && typeof node.value === 'boolean') return node.value;
    this.problem(name, 'must be true or false');
    return byDefault;
  }

  oneOf<Name extends string>(name: string, names: readonly Name[], byDefault: Name): Name {
    const text = this.text(name);
    if (text === undefined) return byDefault;
    const found = names.find((one) => one === text);
    if (found === undefined) this.problem(name, `must be ${listOf(names)}, not ${text}${meant(text, names)}`);
    return found ?? byDefault;
  }

  someOf<Name extends string>(name: string, names: readonly Name[], byDefault: readonly Name[]): readonly Name[] {
    const texts = this.texts(name, names.length);
    if (texts === undefined) return byDefault;
    const found = names.filter((one) => texts.includes(one));
    const strange = texts.find((text) => !names.some((one) => one === text));
    if (strange !== undefined)
      this.problem(name, `must be of ${listOf(names)}, not ${strange}${meant(strange, names)}`);
    // In the order in which they are written.
    return [...found].sort((one, other) => texts.indexOf(one) - texts.indexOf(other));
  }

  /** Fields within; without any where it is left out. */
  section(name: string): Fields {
    return new Fields(this.#reading, this.#value(name), this.#pathOf(name), this.#offset);
  }

  list<Item>(name: string, most: number, read: (fields: Fields) => Item): readonly Item[] {
    const node = this.#value(name);
    if (node === undefined) return [];
    if (!isSeq(node)) {
      this.problem(name, 'must be a list');
      return [];
    }
    if (node.items.length > most) this.problem(name, `has ${node.items.length} entries: at most ${most} are taken`);
    return node.items.slice(0, most).map((item, at) => {
      const fields = new Fields(this.#reading, item, `${this.#pathOf(name)}[${at}]`, rangeOf(node) ?? this.#offset);
      const value = read(fields);
      fields.end();
      return value;
    });
  }

  /** Fields with names of the writer's own, as prices of prefixes: each value a text. */
  entries(name: string, most: number): ReadonlyMap<string, string> {
    const node = this.#value(name);
    const entries = new Map<string, string>();
    if (node === undefined) return entries;
    if (!isMap(node)) {
      this.problem(name, 'must be a group of fields');
      return entries;
    }
    if (node.items.length > most) this.problem(name, `has ${node.items.length} entries: at most ${most} are taken`);
    for (const { key, value } of node.items.slice(0, most)) {
      const text = this.#readText(`${this.#pathOf(name)}.${nameOf(key)}`, value);
      if (text !== undefined) entries.set(nameOf(key), text);
    }
    return entries;
  }

  /** After all that is known was read: what else stands there is a mistake. */
  end(): void {
    for (const { key } of this.#map?.items ?? []) {
      const name = nameOf(key);
      if (this.#known.has(name)) continue;
      const nearest = findNearest(name, [...this.#known]);
      const others = nearest === undefined ? `: here are ${[...this.#known].join(', ')}` : `: did you mean ${nearest}?`;
      this.#note(this.#pathOf(name), key, `is not known${others}`);
    }
  }

  #readText(path: string, node: unknown, rule?: TextRule): string | undefined {
    const text = textOf(node);
    if (text === undefined) this.#note(path, node, 'must be a text');
    else if (text.length > longestText) this.#note(path, node, `is longer than ${longestText} letters`);
    else if (rule !== undefined && !rule.check(text)) this.#note(path, node, `must be ${rule.expects}, not ${text}`);
    else return text;
    return undefined;
  }

  #number(name: string, { min, max, default: byDefault }: NumberRule, whole: boolean): number {
    const node = this.#value(name);
    if (node === undefined) return byDefault;
    const value = isScalar(node) ? node.value : undefined;
    if (typeof value === 'number' && value >= min && value <= max && (!whole || Number.isInteger(value))) return value;
    this.problem(name, `must be a ${whole ? 'whole ' : ''}number from ${min} to ${max}`);
    return byDefault;
  }

  #value(name: string): unknown {
    this.#known.add(name);
    const written = this.#pair(name)?.value;
    const value = isAlias(written) ? written.resolve(this.#reading.document) : written;
    return isNothing(value) ? undefined : value;
  }

  #pair(name: string): Pair | undefined {
    return this.#map?.items.find(({ key }) => nameOf(key) === name);
  }

  #pathOf(name: string): string {
    return this.path === '' ? name : `${this.path}.${name}`;
  }

  #note(path: string, at: unknown, problem: string): void {
    const offset = typeof at === 'number' ? at : (rangeOf(at) ?? this.#offset);
    this.#reading.problems.push({ path, line: this.#reading.lines.linePos(offset).line, problem });
  }
}

function rangeOf(node: unknown): number | undefined {
  return (node as Node | undefined)?.range?.[0];
}

function isNothing(node: unknown): boolean {
  return node === undefined || node === null || (isScalar(node) && node.value === null);
}

function nameOf(key: unknown): string {
  return isScalar(key) ? (key.source ?? String(key.value)) : String(key);
}

function textOf(node: unknown): string | undefined {
  if (!isScalar(node)) return undefined;
  if (typeof node.value === 'string') return node.value;
  // A number's own text: 0049 is no 49, and +49 keeps its plus.
  return typeof node.value === 'number' || typeof node.value === 'bigint' ? node.source : undefined;
}

function listOf(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} or ${names.at(-1)}`;
}

function meant(text: string, names: readonly string[]): string {
  const nearest = findNearest(text, names);
  return nearest === undefined ? '' : `: did you mean ${nearest}?`;
}
