// Reads proto/parley/v1/*.proto once and gives every generator the same plain description of the contract.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const protoDir = join(root, 'proto');
const scalars = new Set(['string', 'bool', 'uint32', 'int32', 'double', 'bytes']);

/** Loads the schema. int64 is refused: JavaScript's numbers do not hold it, and JSON would need strings. */
export function loadContract() {
  const files = readdirSync(join(protoDir, 'parley/v1'))
    .filter((name) => name.endsWith('.proto'))
    .sort();
  const schema = new protobuf.Root();
  schema.resolvePath = (_origin, target) => {
    if (target === 'google/protobuf/descriptor.proto') {
      return join(root, 'node_modules/protobufjs', target);
    }
    return target.startsWith('google/') ? target : join(protoDir, target);
  };
  schema
    .loadSync(
      files.map((name) => `parley/v1/${name}`),
      { alternateCommentMode: true },
    )
    .resolveAll();
  const namespace = schema.lookup('parley.v1');
  const types = namespace.nestedArray.filter((item) => item instanceof protobuf.Type);
  const messages = types.filter((type) => !['Policy', 'Limits', 'Delivery'].includes(type.name)).map(toMessage);
  const services = namespace.nestedArray.filter((item) => item instanceof protobuf.Service).map(toService);
  const events = namespace.lookupType('Event').fieldsArray.map((field) => ({
    name: field.name,
    message: field.type,
    delivery: optionsOf(field, '(delivery)')?.class ?? 'control',
    doc: field.comment ?? '',
  }));
  return { schema, messages, services, events };
}

/** @param {protobuf.Service} service */
function toService(service) {
  const area = lowerFirst(service.name.replace(/Service$/, ''));
  const methods = service.methodsArray.map((method) => ({
    name: `${area}.${lowerFirst(method.name)}`,
    request: method.requestType,
    response: method.responseType,
    policy: toCamelKeys(optionsOf(method, '(policy)') ?? {}),
    doc: method.comment ?? '',
  }));
  return { name: service.name, area, doc: service.comment ?? '', methods };
}

/** @param {protobuf.Type} type */
function toMessage(type) {
  return {
    name: type.name,
    doc: type.comment ?? '',
    open: optionsOf(type, '(open)') === true,
    fields: type.fieldsArray.map((field) => toField(type, field)),
  };
}

/** @param {protobuf.Type} owner @param {protobuf.Field} field */
function toField(owner, field) {
  const isMessage = field.resolvedType instanceof protobuf.Type;
  const type = isMessage ? field.resolvedType.name : field.type;
  if (!isMessage && !scalars.has(type)) {
    throw new Error(`${owner.name}.${field.name}: type ${type} is not one of ${[...scalars].join(', ')}`);
  }
  const raw = toCamelKeys(optionsOf(field, '(limits)') ?? {});
  if (raw.in !== undefined) raw.in = [raw.in].flat();
  return {
    name: field.name,
    type,
    kind: field.map ? 'map' : field.repeated ? 'list' : 'single',
    isMessage,
    optional: field.options?.proto3_optional === true,
    limits: raw,
    doc: field.comment ?? '',
  };
}

function optionsOf(item, name) {
  for (const entry of item.parsedOptions ?? []) {
    if (name in entry) return entry[name];
  }
  return item.options?.[name];
}

function toCamelKeys(object) {
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [key.replace(/_([a-z])/g, (_, c) => c.toUpperCase()), value]),
  );
}

function lowerFirst(text) {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
