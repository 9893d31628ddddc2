// Reads an untrusted value (parsed JSON or a decoded protobuf message) as a message of the contract: checks types
// and limits, fills in defaults, and returns a fresh plain object that holds nothing but what the contract names.

import type { FieldDescriptor, FieldLimits, MessageDescriptor } from './descriptor-types.ts';
import { descriptors } from './gen/descriptors.ts';
import { unwrapJsonValue } from './json-values.ts';

/** What was wrong with a message, and where: `path` is as in `rtpParameters.codecs[0].mimeType`. */
export class ContractViolation extends Error {
  readonly path: string;
  readonly problem: string;

  constructor(path: string, problem: string) {
    super(`${path || 'the message'} ${problem}`);
    this.path = path;
    this.problem = problem;
  }
}

/** Reads a message; `path` is where it stands, empty for the outermost. @throws {ContractViolation} */
export type MessageReader = (raw: unknown, path: string) => Record<string, unknown>;

type ValueReader = (raw: unknown, path: string) => unknown;
type PlainObject = Readonly<Record<string, unknown>>;

/** Absurdly large lists are refused before they are walked; fields may lower it. */
const maxItemsUnlessStated = 1000;
const maxBytesUnlessStated = 4096;
const maxKeyBytes = 128;

/** Where a message's fields find the readers of their own messages. */
interface Readers {
  readonly readerOf: (messageName: string) => MessageReader;
  /** Of strings and bytes whose field states no limit. */
  readonly maxBytes: number;
}

/** The reader of a message type, built once. @throws {Error} for a type that the contract does not name. */
export const readerOf = createReaders(descriptors.messages);

export function createReaders(
  messages: Readonly<Record<string, MessageDescriptor>>,
  { maxBytes = maxBytesUnlessStated } = {},
): (messageName: string) => MessageReader {
  const known = new Map<string, MessageReader>();
  const find = (messageName: string): MessageReader => {
    const reader = known.get(messageName);
    if (reader) return reader;
    const descriptor = messages[messageName];
    if (!descriptor) throw new Error(`the contract has no message ${messageName}`);
    // Registered before its fields are built, so that a message may contain its own type.
    let build: MessageReader | undefined;
    const lazy: MessageReader = (raw, path) => {
      build ??= buildMessageReader(descriptor, { readerOf: find, maxBytes });
      return build(raw, path);
    };
    known.set(messageName, lazy);
    return lazy;
  };
  return find;
}

function buildMessageReader(descriptor: MessageDescriptor, readers: Readers): MessageReader {
  const fields = descriptor.fields.map((field) => ({ field, read: buildFieldReader(field, readers) }));
  const names = new Set(descriptor.fields.map((field) => field.name));
  return (raw, path) => {
    const object = requireObject(raw, path);
    if (!descriptor.open) refuseUnknownMembers(object, names, path);
    const message: Record<string, unknown> = {};
    for (const { field, read } of fields) {
      const value = object[field.name];
      if (value === undefined || value === null) {
        const fallback = defaultOf(field, path);
        if (fallback !== undefined) message[field.name] = fallback;
      } else {
        message[field.name] = read(value, path === '' ? field.name : `${path}.${field.name}`);
      }
    }
    return message;
  };
}

function defaultOf(field: FieldDescriptor, path: string): unknown {
  if (field.limits.required || (field.limits.minItems ?? 0) > 0) {
    throw new ContractViolation(path === '' ? field.name : `${path}.${field.name}`, 'is required');
  }
  if (field.kind === 'list') return [];
  if (field.kind === 'map') return {};
  if (field.optional || field.isMessage) return undefined;
  if (field.type === 'string') return '';
  if (field.type === 'bytes') return new Uint8Array();
  return field.type === 'bool' ? false : 0;
}

function buildFieldReader(field: FieldDescriptor, readers: Readers): ValueReader {
  const read = buildValueReader(field, readers);
  if (field.kind === 'list') return buildListReader(field.limits, read);
  return field.kind === 'map' ? buildMapReader(field.limits, read) : read;
}

function buildListReader(limits: FieldLimits, read: ValueReader): ValueReader {
  const minItems = limits.minItems ?? 0;
  const maxItems = limits.maxItems ?? maxItemsUnlessStated;
  return (raw, path) => {
    if (!Array.isArray(raw)) throw new ContractViolation(path, 'must be a list');
    if (raw.length < minItems) throw new ContractViolation(path, `must have at least ${minItems} entries`);
    if (raw.length > maxItems) throw new ContractViolation(path, `must have at most ${maxItems} entries`);
    return raw.map((item, index) => read(item, `${path}[${index}]`));
  };
}

function buildMapReader(limits: FieldLimits, read: ValueReader): ValueReader {
  const maxItems = limits.maxItems ?? maxItemsUnlessStated;
  return (raw, path) => {
    const entries = Object.entries(requireObject(raw, path));
    if (entries.length > maxItems) throw new ContractViolation(path, `must have at most ${maxItems} entries`);
    // No `__proto__`: the keys come from outside.
    const wanted = entries.filter(([key]) => key !== '__proto__');
    for (const [key] of wanted) requireKey(key, path);
    return Object.fromEntries(wanted.map(([key, value]) => [key, read(value, `${path}.${clip(key)}`)]));
  };
}

function requireKey(key: string, path: string): void {
  if (key.length * 3 > maxKeyBytes && Buffer.byteLength(key) > maxKeyBytes) {
    throw new ContractViolation(path, `must have no keys of more than ${maxKeyBytes} bytes`);
  }
  if (!key.isWellFormed()) throw new ContractViolation(path, 'must have keys of well-formed Unicode');
}

function buildValueReader(field: FieldDescriptor, { readerOf, maxBytes }: Readers): ValueReader {
  switch (field.type) {
    case 'string':
      return buildStringReader({ maxBytes, ...field.limits });
    case 'bool':
      return (raw, path) => {
        if (typeof raw !== 'boolean') throw new ContractViolation(path, 'must be true or false');
        return raw;
      };
    case 'uint32':
      return buildNumberReader(field.limits, { integer: true, least: 0, most: 0xffffffff });
    case 'int32':
      return buildNumberReader(field.limits, { integer: true, least: -0x80000000, most: 0x7fffffff });
    case 'double':
      return buildNumberReader(field.limits, { integer: false, least: -Number.MAX_VALUE, most: Number.MAX_VALUE });
    case 'Value':
      return readJsonScalar;
    case 'bytes':
      return buildBytesReader({ maxBytes, ...field.limits });
    default:
      if (field.isMessage) return readerOf(field.type);
      throw new Error(`the contract's field ${field.name} has the type ${field.type}, which has no reader`);
  }
}

function buildStringReader(limits: FieldLimits & { readonly maxBytes: number }): ValueReader {
  const { maxBytes } = limits;
  const pattern = limits.pattern === undefined ? undefined : new RegExp(`^(?:${limits.pattern})$`);
  const allowed = limits.in === undefined ? undefined : new Set(limits.in);
  return (raw, path) => {
    if (typeof raw !== 'string') throw new ContractViolation(path, 'must be a string');
    if (raw === '' && limits.required) throw new ContractViolation(path, 'must not be empty');
    // A UTF-16 unit is at most three bytes, so short strings need no counting.
    if (raw.length * 3 > maxBytes && Buffer.byteLength(raw) > maxBytes) {
      throw new ContractViolation(path, `must be at most ${maxBytes} bytes`);
    }
    if (!raw.isWellFormed()) throw new ContractViolation(path, 'must be well-formed Unicode');
    if (allowed && !allowed.has(raw))
      throw new ContractViolation(path, `must be one of ${[...allowed].filter(Boolean).join(', ')}`);
    if (pattern && raw !== '' && !pattern.test(raw)) throw new ContractViolation(path, `must match ${limits.pattern}`);
    return raw;
  };
}

/** Of decoded protobuf only: the contract has no bytes in what travels as JSON. */
function buildBytesReader({ maxBytes }: { readonly maxBytes: number }): ValueReader {
  return (raw, path) => {
    if (!(raw instanceof Uint8Array)) throw new ContractViolation(path, 'must be bytes');
    if (raw.byteLength > maxBytes) throw new ContractViolation(path, `must be at most ${maxBytes} bytes`);
    return raw;
  };
}

function buildNumberReader(limits: FieldLimits, type: { integer: boolean; least: number; most: number }): ValueReader {
  const least = limits.min ?? type.least;
  const most = limits.max ?? type.most;
  const noun = type.integer ? 'a whole number' : 'a number';
  return (raw, path) => {
    if (typeof raw !== 'number' || !Number.isFinite(raw) || (type.integer && !Number.isInteger(raw))) {
      throw new ContractViolation(path, `must be ${noun}`);
    }
    if (raw < least || raw > most) throw new ContractViolation(path, `must be from ${least} to ${most}`);
    return raw;
  };
}

function readJsonScalar(value: unknown, path: string): string | number | boolean {
  const raw = unwrapJsonValue(value);
  if (typeof raw === 'string' && raw.length <= 1024 && raw.isWellFormed()) return raw;
  if (typeof raw === 'boolean' || (typeof raw === 'number' && Number.isFinite(raw))) return raw;
  throw new ContractViolation(path, 'must be a string of at most 1024 characters, a number or a boolean');
}

function requireObject(raw: unknown, path: string): PlainObject {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw))
    throw new ContractViolation(path, 'must be an object');
  return raw as PlainObject;
}

function refuseUnknownMembers(object: PlainObject, names: ReadonlySet<string>, path: string): void {
  for (const name of Object.keys(object)) {
    if (names.has(name) || name === '$unknowns') continue;
    throw new ContractViolation(path === '' ? clip(name) : `${path}.${clip(name)}`, 'is not known');
  }
}

/** Errors go out as UTF-8; the cut may go through a surrogate pair. */
function clip(name: string): string {
  return (name.length > 64 ? `${name.slice(0, 64)}…` : name).toWellFormed();
}
