// Takes the calls and links of other nodes.

import {
  type handleBidiStreamingCall,
  type handleUnaryCall,
  Server,
  type ServerUnaryCall,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { AppError } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';
import type { NodeMethodDescriptor } from '../../proto/descriptor-types.ts';
import { nodeDescriptors } from '../../proto/gen/node-descriptors.ts';
import type { NodeMessages } from '../../proto/gen/node-types.ts';
import { encodeNodeMessage, readNodeMessage } from '../../proto/node-messages.ts';
import type { Life } from '../directory.ts';
import type { NodeHandlers, NodeMethod } from '../node-calls.ts';
import { asBytes, type RpcTls, serverCredentials, serverOptions } from './channel.ts';
import { toStatus, unreachable } from './rpc-errors.ts';

/** Beyond so many calls at once, others are told NODE_OVERLOADED. */
const maxUnderWay = 1_000;

type LinkCall = Parameters<handleBidiStreamingCall<Buffer, Buffer>>[0];

interface RpcServerParts {
  readonly host: string;
  readonly port: number;
  readonly tls: RpcTls | undefined;
  readonly log: Logger;
  /** Who makes a call. @throws {AppError} NODE_TOKEN_REFUSED */
  readonly verify: (token: unknown, path: string, body: Uint8Array) => Life;
  readonly handlers: () => Partial<NodeHandlers>;
  readonly onLink: (from: Life, call: LinkCall) => void;
}

export class RpcServer {
  readonly #parts: RpcServerParts;
  readonly #server = new Server(serverOptions);
  #port = 0;
  #underWay = 0;

  constructor(parts: RpcServerParts) {
    this.#parts = parts;
    const methods = Object.entries(nodeDescriptors.methods) as [string, NodeMethodDescriptor][];
    const definition: Record<string, ServiceDefinition[string]> = {};
    const implementation: UntypedServiceImplementation = {};
    for (const [name, { path, stream }] of methods) {
      definition[name] = {
        path,
        requestStream: stream,
        responseStream: stream,
        requestSerialize: asBytes,
        requestDeserialize: asBytes,
        responseSerialize: asBytes,
        responseDeserialize: asBytes,
      };
      implementation[name] = stream ? this.#link(path) : this.#unary(name as NodeMethod);
    }
    this.#server.addService(definition, implementation);
  }

  get port(): number {
    return this.#port;
  }

  /** @throws {Error} when the address cannot be listened on. */
  async listen(): Promise<void> {
    const { host, port, tls } = this.#parts;
    const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
    this.#port = await new Promise<number>((resolve, reject) => {
      this.#server.bindAsync(address, serverCredentials(tls), (error, bound) => {
        if (error) reject(error);
        else resolve(bound);
      });
    });
  }

  /** Ends every call and link at once. */
  close(): void {
    this.#server.forceShutdown();
  }

  #unary<Method extends NodeMethod>(method: Method): handleUnaryCall<Buffer, Buffer> {
    return (call, callback) => {
      this.#answer(method, call).then(
        (answer) => callback(null, answer),
        (error: unknown) => {
          const status = toStatus(error);
          if (!(error instanceof AppError))
            this.#parts.log.error({ err: error, method }, 'a call of another node failed');
          callback(status);
        },
      );
    };
  }

  async #answer<Method extends NodeMethod>(method: Method, call: ServerUnaryCall<Buffer, Buffer>): Promise<Buffer> {
    const { path, request, response } = nodeDescriptors.methods[method];
    const from = this.#parts.verify(call.metadata.get('authorization')[0], path, call.request);
    const handle = this.#parts.handlers()[method] as ((request: unknown, from: Life) => unknown) | undefined;
    if (handle === undefined) throw unreachable();
    if (this.#underWay >= maxUnderWay) throw new AppError('NODE_OVERLOADED', { what: 'calls of other nodes' });
    this.#underWay += 1;
    try {
      const answer = (await handle(readRequest(request, call.request), from)) as NodeMessages[typeof response];
      return Buffer.from(encodeNodeMessage(response, answer));
    } finally {
      this.#underWay -= 1;
    }
  }

  #link(path: string): handleBidiStreamingCall<Buffer, Buffer> {
    return (call) => {
      // A stream whose other end is gone says so by an error.
      call.on('error', () => {});
      try {
        const from = this.#parts.verify(call.metadata.get('authorization')[0], path, Buffer.alloc(0));
        this.#parts.onLink(from, call);
      } catch (error) {
        call.emit('error', Object.assign(new Error('refused'), toStatus(error)));
      }
    };
  }
}

function readRequest(name: keyof NodeMessages, bytes: Buffer): unknown {
  try {
    return readNodeMessage(name, bytes);
  } catch (cause) {
    throw new AppError('BAD_FRAME', { problem: `it is no ${name}` }, { cause });
  }
}
