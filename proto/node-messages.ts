// Encodes and reads what nodes of one cluster tell each other (proto/parley/node/v1). Not for clients.

import type { MessageDescriptor } from './descriptor-types.ts';
import { descriptors } from './gen/descriptors.ts';
import { nodeDescriptors } from './gen/node-descriptors.ts';
import { google, parley } from './gen/node-messages.js';
import type { NodeMessages } from './gen/node-types.ts';
import { type MessageCodec, useJsonScalarsAsValues } from './json-values.ts';
import { createReaders } from './read-message.ts';

/** Of a bus frame, and so of what stands in one: the longest text of a message is 16 KB. */
const maxTextBytes = 65_536;

const codecs = parley.node.v1 as Readonly<Record<keyof NodeMessages, MessageCodec>>;
const messages: Readonly<Record<string, MessageDescriptor>> = { ...descriptors.messages, ...nodeDescriptors.messages };
const readerOf = createReaders(messages, { maxBytes: maxTextBytes });

useJsonScalarsAsValues(google.protobuf['Value']);

/** The protobuf bytes of a message. */
export function encodeNodeMessage<Name extends keyof NodeMessages>(
  name: Name,
  message: NodeMessages[Name],
): Uint8Array {
  return codecs[name].encode(message).finish();
}

/**
 * The message in some bytes: checked against the limits of the contract, with its defaults filled in, a plain object. Fields
 * that this version does not know are dropped. Of a `oneof` more than one may be there when the sender is not one of ours.
 * @throws {Error} when the bytes are no message of this name. @throws {ContractViolation}
 */
export function readNodeMessage<Name extends keyof NodeMessages>(name: Name, bytes: Uint8Array): NodeMessages[Name] {
  return readerOf(name)(codecs[name].decode(bytes), '') as unknown as NodeMessages[Name];
}
