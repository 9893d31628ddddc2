// google.protobuf.Value, which the contract uses for format parameters only, where it is a string, a number or a boolean.

import type { JsonScalar } from './gen/types.ts';

interface Writer {
  finish(): Uint8Array;
}

/** What pbjs generates for each message. */
export interface MessageCodec {
  encode(message: object, writer?: Writer, depth?: number): Writer;
  decode(reader: unknown, length?: number, end?: number, depth?: number): object;
}

/** Each generated module has a class of its own. */
const classes: (new () => object)[] = [];

/** Holding it as that very value keeps the shapes in the process equal to those of mediasoup. */
export function useJsonScalarsAsValues(generated: unknown): void {
  const codec = generated as MessageCodec & (new () => object);
  const { encode } = codec;
  codec.encode = (scalar: unknown, writer, depth) => encode(wrapScalar(scalar as JsonScalar), writer, depth);
  classes.push(codec);
}

function wrapScalar(scalar: JsonScalar): object {
  if (typeof scalar === 'string') return { stringValue: scalar };
  return typeof scalar === 'number' ? { numberValue: scalar } : { boolValue: scalar };
}

/** Whether it is a google.protobuf.Value as it was decoded. */
export function isJsonValue(decoded: unknown): boolean {
  for (const known of classes) if (decoded instanceof known) return true;
  return false;
}

/**
 * The scalar in a decoded google.protobuf.Value; anything else as it is. Decoding itself cannot give the scalar: the
 * generated code for maps replaces what is falsy (`0`, `false`, the empty string) by an empty Value.
 */
export function unwrapJsonValue(decoded: unknown): unknown {
  if (!isJsonValue(decoded)) return decoded;
  const kinds = decoded as { stringValue?: string | null; numberValue?: number | null; boolValue?: boolean | null };
  return kinds.stringValue ?? kinds.numberValue ?? kinds.boolValue ?? undefined;
}
