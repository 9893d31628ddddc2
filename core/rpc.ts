// The types that tie handlers to the contract: a method without a handler does not compile.

import type { MethodName, Methods } from '../proto/gen/types.ts';

type AreaOf<Name extends MethodName> = Name extends `${infer Area}.${string}` ? Area : never;

/** `session`, `room`, `chat`, …: a service of the contract. */
export type Area = AreaOf<MethodName>;

type NamesIn<A extends Area> = Extract<MethodName, `${A}.${string}`>;
type Local<A extends Area, Name extends MethodName> = Name extends `${A}.${infer Rest}` ? Rest : never;

/** The handlers of one area: a function per method, synchronous where nothing has to be waited for. */
export type AreaHandlers<A extends Area, Context> = {
  readonly [Name in NamesIn<A> as Local<A, Name>]: (
    request: Methods[Name]['request'],
    context: Context,
  ) => Methods[Name]['response'] | Promise<Methods[Name]['response']>;
};

/** The handlers of the whole contract, by area. */
export type ContractHandlers<Context> = { readonly [A in Area]: AreaHandlers<A, Context> };
