// Decides on every request for a WebSocket, in one turn and without asking who it is: that comes in the first message.

import { AppError, toAppError } from '../../core/errors.ts';
import type { SignalingEdges } from '../../signaling/endpoints.ts';
import { Connection } from './connection.ts';
import { errorAnswer } from './error-answer.ts';
import type { GatewayContext } from './gateway-context.ts';
import { countRefusal } from './gateway-stats.ts';
import { jsonRpcCodec } from './json-rpc-codec.ts';
import type { RequestHead, UpgradeDecision } from './listener.ts';
import type { IsOriginAllowed } from './origins.ts';
import { plainChatCodec } from './plain-chat-codec.ts';
import { PlainChatConversation } from './plain-chat-conversation.ts';
import { protobufCodec } from './protobuf-codec.ts';
import type { RpcCodec } from './rpc-codec.ts';
import { RpcConversation } from './rpc-conversation.ts';

export const webSocketPaths: readonly string[] = ['/ws', '/chat'];

const rpcCodecs: readonly RpcCodec[] = [jsonRpcCodec, protobufCodec];

export interface UpgradeParts {
  readonly context: GatewayContext;
  readonly edges: SignalingEdges;
  readonly isOriginAllowed: IsOriginAllowed;
  readonly clientAddress: (head: RequestHead) => string;
}

export function createUpgrades(parts: UpgradeParts): (head: RequestHead) => UpgradeDecision {
  const { context, isOriginAllowed, clientAddress } = parts;
  return (head) => {
    const remoteAddress = clientAddress(head);
    try {
      context.admission.admitRequest(remoteAddress);
      const { origin, host } = head.headers;
      if (!isOriginAllowed(origin, host)) throw new AppError('ORIGIN_REFUSED');
      return accept(parts, head, remoteAddress);
    } catch (thrown) {
      const error = toAppError(thrown);
      if (!(thrown instanceof AppError)) context.log.error({ err: thrown }, 'an upgrade failed');
      countRefusal(context.counters, error.reason);
      context.log.debug({ remoteAddress, path: head.path, reason: error.reason }, 'connection refused');
      return { refusal: errorAnswer(error) };
    }
  };
}

function accept(parts: UpgradeParts, head: RequestHead, remoteAddress: string): UpgradeDecision {
  if (head.path === '/ws') return acceptRpc(parts, head, remoteAddress);
  if (head.path === '/chat') return acceptPlainChat(parts, head, remoteAddress);
  throw new AppError('ROUTE_NOT_FOUND');
}

function acceptRpc({ context, edges }: UpgradeParts, head: RequestHead, remoteAddress: string) {
  const offered = parseList(head.headers['sec-websocket-protocol']);
  const codec = chooseCodec(offered);
  const token = findToken(head, new URLSearchParams(head.query));
  const connection = new Connection(context, {
    protocol: codec.protocol,
    codec,
    isBinary: codec.isBinary,
    remoteAddress,
    address: context.admission.admitConnection(remoteAddress),
    converse: (link) => new RpcConversation(context, codec, link, () => edges.accept(link, token)),
  });
  // RFC 6455 section 4.2.2: a subprotocol that was not offered must not be named.
  return { handlers: connection, subprotocol: offered.length === 0 ? '' : codec.subprotocol };
}

function acceptPlainChat({ context, edges }: UpgradeParts, head: RequestHead, remoteAddress: string) {
  const query = new URLSearchParams(head.query);
  const request = {
    room: query.get('room') ?? '',
    user: query.get('user') ?? undefined,
    token: findToken(head, query),
  };
  const connection = new Connection(context, {
    protocol: 'chat',
    codec: plainChatCodec,
    isBinary: false,
    remoteAddress,
    address: context.admission.admitConnection(remoteAddress),
    converse: (link) => new PlainChatConversation(context, link, () => edges.acceptPlainChat(link, request)),
  });
  return { handlers: connection, subprotocol: '' };
}

/** The client's first choice that is known here; JSON for clients that name none, as command-line tools do. */
function chooseCodec(offered: readonly string[]): RpcCodec {
  if (offered.length === 0) return jsonRpcCodec;
  for (const name of offered) {
    const codec = rpcCodecs.find(({ subprotocol }) => subprotocol === name);
    if (codec) return codec;
  }
  throw new AppError('BAD_REQUEST', {
    field: 'Sec-WebSocket-Protocol',
    problem: `must offer ${rpcCodecs.map(({ subprotocol }) => subprotocol).join(' or ')}`,
  });
}

/** `Authorization: Bearer …` (RFC 6750 section 2.1), or `?access_token=…` for browsers, which cannot set headers here. */
function findToken({ headers }: RequestHead, query: URLSearchParams): string | undefined {
  const bearer = /^Bearer +(\S+)$/i.exec(headers['authorization'] ?? '')?.[1];
  return bearer ?? (query.get('access_token') || undefined);
}

function parseList(header = ''): string[] {
  return header
    .split(',')
    .map((entry) => entry.trim())
    .filter(Boolean);
}
