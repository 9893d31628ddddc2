// The shape of proto/gen/descriptors.ts: what the schema says beyond TypeScript's types.

/** The limits of a field; see proto/parley/v1/options.proto. */
export interface FieldLimits {
  readonly required?: boolean;
  readonly maxBytes?: number;
  readonly pattern?: string;
  readonly in?: readonly string[];
  readonly min?: number;
  readonly max?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
}

export interface FieldDescriptor {
  readonly name: string;
  /** A protobuf scalar, the name of a message, or `Value` (a JSON string, number or boolean). */
  readonly type: string;
  readonly kind: 'single' | 'list' | 'map';
  readonly isMessage: boolean;
  readonly optional: boolean;
  readonly limits: FieldLimits;
}

export interface MessageDescriptor {
  /** Unknown JSON members are dropped instead of refused. */
  readonly open: boolean;
  readonly fields: readonly FieldDescriptor[];
}

/** Who may call a method and how often; see proto/parley/v1/options.proto. */
export interface MethodPolicy {
  readonly requires?: string;
  readonly perSecond?: number;
  readonly burst?: number;
  readonly timeoutMs?: number;
  readonly beforeConnect?: boolean;
}

export interface MethodDescriptor {
  readonly request: string;
  readonly response: string;
  readonly policy: MethodPolicy;
}

export type DeliveryClass = 'control' | 'log' | 'ephemeral';

export interface EventDescriptor {
  readonly message: string;
  /** How it is treated when its reader is slow; see proto/parley/v1/options.proto. */
  readonly delivery: DeliveryClass;
}

export interface ContractDescriptors<MethodName extends string, EventName extends string> {
  readonly methods: Readonly<Record<MethodName, MethodDescriptor>>;
  readonly events: Readonly<Record<EventName, EventDescriptor>>;
  readonly messages: Readonly<Record<string, MessageDescriptor>>;
}

/** A call from node to node. `stream`: both ways. */
export interface NodeMethodDescriptor {
  /** As in gRPC: `/package.Service/Method`. */
  readonly path: string;
  readonly request: string;
  readonly response: string;
  readonly stream: boolean;
}

export interface NodeDescriptors<MessageName extends string> {
  readonly methods: Readonly<Record<string, NodeMethodDescriptor>>;
  readonly messages: Readonly<Record<MessageName, MessageDescriptor>>;
}
