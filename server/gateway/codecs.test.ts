// What one subprotocol carries, the other carries too: proven for every method and event of the contract.

import fc, { type Arbitrary } from 'fast-check';
import { expect, test } from 'vitest';
import { decodeMessage, encodeMessage, toPlain } from '../../proto/binary.ts';
import type { FieldDescriptor } from '../../proto/descriptor-types.ts';
import { descriptors } from '../../proto/gen/descriptors.ts';
import type { EventName, Events, MethodName } from '../../proto/gen/types.ts';
import { jsonRpcCodec } from './json-rpc-codec.ts';
import { protobufCodec } from './protobuf-codec.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 12 });
const scalars: Readonly<Record<string, Arbitrary<unknown>>> = {
  string: text,
  bool: fc.boolean(),
  uint32: fc.nat(0xffffffff),
  int32: fc.integer(),
  double: fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
  Value: fc.oneof(
    text,
    fc.boolean(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
  ),
};

/** Any message of a type, with everything that has a default set. */
function anyMessage(type: string): Arbitrary<object> {
  const fields = descriptors.messages[type]?.fields ?? [];
  return fc.record(Object.fromEntries(fields.map((field) => [field.name, anyField(field)])), {
    requiredKeys: fields
      .filter((field) => !field.optional && !(field.isMessage && field.kind === 'single'))
      .map(({ name }) => name),
    noNullPrototype: true,
  });
}

function anyField({ kind, type }: FieldDescriptor): Arbitrary<unknown> {
  const value = scalars[type] ?? anyMessage(type);
  if (kind === 'list') return fc.array(value, { maxLength: 2 });
  if (kind === 'map')
    return fc.dictionary(fc.stringMatching(/^[a-z]{1,6}$/), value, { maxKeys: 2, noNullPrototype: true });
  return value;
}

const toBuffer = (bytes: Uint8Array) => new Uint8Array(bytes).buffer;
const methods = Object.keys(descriptors.methods) as MethodName[];
const events = Object.keys(descriptors.events) as EventName[];
const run = { numRuns: 15 };

test.each(methods)('a call of %s reads the same from both subprotocols', (method) => {
  const type = descriptors.methods[method].request;
  fc.assert(
    fc.property(anyMessage(type), (params) => {
      const json = jsonRpcCodec.decode(
        toBuffer(Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }))),
        false,
      );
      const frame = encodeMessage('ClientFrame', { id: 1, method, params: encodeMessage(type, params) });
      const binary = protobufCodec.decode(toBuffer(frame), true);
      if (json.kind !== 'call' || binary.kind !== 'call') throw new Error('it was not read as a call');
      expect({ ...binary, params: toPlain(binary.params) }).toEqual(json);
    }),
    run,
  );
});

test.each(methods)('an answer of %s says the same in both subprotocols', (method) => {
  const type = descriptors.methods[method].response;
  fc.assert(
    fc.property(anyMessage(type), (result) => {
      const json = JSON.parse(String(jsonRpcCodec.encodeResult(1, method, result)));
      const frame = decodeMessage('ServerFrame', protobufCodec.encodeResult(1, method, result) as Uint8Array);
      const { id, result: bytes } = frame as { id: number; result: Uint8Array };
      expect({ id, result: toPlain(decodeMessage(type, bytes)) }).toEqual({ id: json.id, result: json.result });
    }),
    run,
  );
});

test.each(events)('the event %s says the same in both subprotocols', (name) => {
  fc.assert(
    fc.property(anyMessage(descriptors.events[name].message), (payload) => {
      const [json] = jsonRpcCodec.encodeEvent(name, payload as Events[typeof name]);
      const [binary] = protobufCodec.encodeEvent(name, payload as Events[typeof name]);
      const { event } = toPlain(decodeMessage('ServerFrame', binary as Uint8Array)) as { event: object };
      const { method, params } = JSON.parse(new TextDecoder().decode(json as Uint8Array));
      expect(event).toEqual({ [method]: params });
    }),
    run,
  );
});
