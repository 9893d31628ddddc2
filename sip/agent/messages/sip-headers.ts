import { isListHeader, spellHeaderName } from './header-names.ts';
import { splitList } from './split-list.ts';

/**
 * The header fields of a message, in their order. Names have one spelling; a list in one line is as many values as it has, so
 * that the first Via is `get('Via')` however the peer wrote it (RFC 3261 section 7.3.1).
 */
export class SipHeaders {
  readonly #fields: [name: string, value: string][] = [];

  static of(fields: Iterable<readonly [name: string, value: string]>): SipHeaders {
    const headers = new SipHeaders();
    for (const [name, value] of fields) headers.add(name, value);
    return headers;
  }

  /** Behind all others. The name may be in any case or compact, the value a list. */
  add(name: string, value: string): void {
    const spelled = spellHeaderName(name);
    if (!isListHeader(spelled) || !value.includes(',')) this.#fields.push([spelled, value]);
    else for (const part of splitList(value)) this.#fields.push([spelled, part]);
  }

  /** The first value; undefined without any. `name` in its one spelling, as everywhere below. */
  get(name: string): string | undefined {
    for (const field of this.#fields) if (field[0] === name) return field[1];
    return undefined;
  }

  all(name: string): string[] {
    const values: string[] = [];
    for (const field of this.#fields) if (field[0] === name) values.push(field[1]);
    return values;
  }

  has(name: string): boolean {
    return this.get(name) !== undefined;
  }

  count(name: string): number {
    let count = 0;
    for (const field of this.#fields) if (field[0] === name) count += 1;
    return count;
  }

  /** In the place of the first one, or behind all; further ones go. */
  set(name: string, value: string): void {
    const at = this.#fields.findIndex((field) => field[0] === name);
    if (at < 0) {
      this.add(name, value);
    } else {
      this.#fields[at] = [name, value];
      this.#drop(name, at + 1);
    }
  }

  /** Before the first of its name, or before all. For Via and Record-Route, where the newest is on top. */
  prepend(name: string, value: string): void {
    const at = this.#fields.findIndex((field) => field[0] === name);
    this.#fields.splice(Math.max(at, 0), 0, [name, value]);
  }

  /** The first value only, for what a hop did to the topmost Via. */
  replaceFirst(name: string, value: string): void {
    const at = this.#fields.findIndex((field) => field[0] === name);
    if (at < 0) this.add(name, value);
    else this.#fields[at] = [name, value];
  }

  removeFirst(name: string): void {
    const at = this.#fields.findIndex((field) => field[0] === name);
    if (at >= 0) this.#fields.splice(at, 1);
  }

  remove(name: string): void {
    this.#drop(name, 0);
  }

  copy(): SipHeaders {
    const copy = new SipHeaders();
    for (const [name, value] of this.#fields) copy.#fields.push([name, value]);
    return copy;
  }

  [Symbol.iterator](): Iterator<readonly [name: string, value: string]> {
    return this.#fields[Symbol.iterator]();
  }

  get size(): number {
    return this.#fields.length;
  }

  #drop(name: string, from: number): void {
    let kept = from;
    for (let at = from; at < this.#fields.length; at += 1) {
      const field = this.#fields[at];
      if (field === undefined || field[0] === name) continue;
      this.#fields[kept] = field;
      kept += 1;
    }
    this.#fields.length = kept;
  }
}
