// Reads the schema once and gives every generator the same plain description of it: proto/parley/v1, which clients speak, and
// proto/parley/node/v1, which nodes speak to each other.

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import protobuf from 'protobufjs';

const root = fileURLToPath(new URL('../../', import.meta.url));
const protoDir = join(root, 'proto');
const scalars = new Set(['string', 'bool', 'uint32', 'int32', 'double', 'bytes']);

/** Loads the schema. int64 is refused: JavaScript's numbers do not hold it, and JSON would need strings. */
export function loadContract() {
  const files = ['parley/v1', 'parley/node/v1'].flatMap((folder) =>
    readdirSync(join(protoDir, folder))
      .filter((name) => name.endsWith('.proto'))
      .sort()
      .map((name) => `${folder}/${name}`),
  );
  const schema = new protobuf.Root();
  schema.resolvePath = (_origin, target) => {
    if (target === 'google/protobuf/descriptor.proto') {
      return join(root, 'node_modules/protobufjs', target);
    }
    return target.startsWith('google/') ? target : join(protoDir, target);
  };
  schema.loadSync(files, { alternateCommentMode: true }).resolveAll();
  const namespace = schema.lookup('parley.v1');
  const messages = typesOf(namespace)
    .filter((type) => !['Policy', 'Limits', 'Delivery'].includes(type.name))
    .map(toMessage);
  const services = namespace.nestedArray.filter((item) => item instanceof protobuf.Service).map(toService);
  const events = namespace.lookupType('Event').fieldsArray.map((field) => ({
    name: field.name,
    message: field.type,
    delivery: optionsOf(field, '(delivery)')?.class ?? 'control',
    doc: field.comment ?? '',
  }));
  return { schema, messages, services, events, node: loadNodeContract(schema.lookup('parley.node.v1'), messages) };
}

/** @param {protobuf.Namespace} namespace @param {{ name: string }[]} known */
function loadNodeContract(namespace, known) {
  const messages = typesOf(namespace).map(toMessage);
  const taken = new Set(known.map(({ name }) => name));
  for (const { name } of messages) {
    // Readers and codecs go by the name alone.
    if (taken.has(name)) throw new Error(`parley.node.v1.${name}: parley.v1 has a message of this name`);
  }
  const methods = namespace.nestedArray
    .filter((item) => item instanceof protobuf.Service)
    .flatMap((service) => service.methodsArray.map((method) => toNodeMethod(service, method)));
  return { messages, methods };
}

/** @param {protobuf.Service} service @param {protobuf.Method} method */
function toNodeMethod(service, method) {
  return {
    name: lowerFirst(method.name),
    path: `/${service.fullName.replace(/^\./, '')}/${method.name}`,
    request: method.resolvedRequestType.name,
    response: method.resolvedResponseType.name,
    stream: method.requestStream === true && method.responseStream === true,
    doc: method.comment ?? '',
  };
}

/** @param {protobuf.Namespace} namespace */
function typesOf(namespace) {
  return namespace.nestedArray.filter((item) => item instanceof protobuf.Type);
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

/** Outside of parley.v1 the option stands with its package. */
function optionsOf(item, name) {
  for (const known of [name, name.replace('(', '(parley.v1.')]) {
    for (const entry of item.parsedOptions ?? []) {
      if (known in entry) return entry[known];
    }
    if (item.options?.[known] !== undefined) return item.options[known];
  }
  return undefined;
}

function toCamelKeys(object) {
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [key.replace(/_([a-z])/g, (_, c) => c.toUpperCase()), value]),
  );
}

function lowerFirst(text) {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
