import type { Defence } from './agent/defence/defence.ts';
import { checkRequest } from './agent/messages/check-request.ts';
import type { MessageLimits } from './agent/messages/limits.ts';
import type { SipRequest } from './agent/messages/message.ts';
import { parseMessage } from './agent/messages/parse-message.ts';
import { parseVia } from './agent/messages/parse-via.ts';
import type { Endpoint } from './agent/transports/endpoint.ts';
import { servedMethods, servedOptions } from './agent/user-agent/context.ts';
import type { UserAgent } from './agent/user-agent/user-agent.ts';
import { takenElsewhere } from './leaving.ts';

/** What one rule says of a request. */
export interface Step {
  readonly rule: string;
  readonly stops: boolean;
  /** What would be answered; `'drop'` is nothing. Only where it stops the request. */
  readonly answer?: number | 'drop' | undefined;
  readonly because: string;
}

export interface Explanation {
  /** As it was taken to come from. */
  readonly from: string;
  /** `INVITE sip:…`, or '' for what could not be read. */
  readonly request: string;
  /** In the order in which they are asked; those behind the first that stops would not be asked. */
  readonly steps: readonly Step[];
}

export interface ExplainParts {
  readonly agent: UserAgent;
  readonly defence: Defence;
  readonly limits: MessageLimits;
  /** How many applications are connected. */
  readonly apps: () => number;
  /** How many of them want requests of this method. */
  readonly wanting: (method: string) => number;
  /** Whether the node sends everybody elsewhere for now. */
  readonly isLeaving: () => boolean;
}

/** What would become of a message if it came now. Nothing is counted, nothing is sent. */
export function explain(
  { agent, defence, limits, apps, wanting, isLeaving }: ExplainParts,
  bytes: Uint8Array,
  from?: Endpoint,
): Explanation {
  const message = parseMessage(Buffer.from(toWire(Buffer.from(bytes).toString('latin1')), 'latin1'), limits);
  if (message.kind === 'response') {
    const because = 'it is a response: it goes to whoever sent the request';
    return { from: '', request: '', steps: [{ rule: 'form', stops: false, because }] };
  }
  if (message.kind === 'fault') {
    const answer = message.answer?.status ?? 'drop';
    return { from: '', request: '', steps: [{ rule: 'form', stops: true, answer, because: message.text }] };
  }
  const remote = from ?? sourceOf(message);
  const { load } = agent;
  const inDialog = agent.isInDialog(message);
  const ofDefence = defence.explain(message, remote, inDialog, load);
  // Networks are looked at before anything is read, and the form before the rest.
  const ofSource = ofDefence.filter(({ rule }) => beforeReading.has(rule));
  const ofRequest = ofDefence.filter(({ rule }) => !beforeReading.has(rule));
  const steps: Step[] = [...ofSource, form(message), ...ofRequest];
  if (!inDialog)
    steps.push(draining(agent.draining, isLeaving(), message), application(message, apps(), wanting(message.method)));
  else steps.push({ rule: 'dialog', stops: false, because: 'it belongs to a call that is there' });
  return { from: remote.address, request: `${message.method} ${message.uri}`, steps };
}

/**
 * A file with lines that end in LF was written by an editor, or copied out of a trace: it may be indented, and what it says of its
 * length is of before somebody touched it. One with CRLF is taken as it is.
 */
function toWire(text: string): string {
  if (text.includes('\r\n')) return text.includes('\r\n\r\n') ? text : `${text.trimEnd()}\r\n\r\n`;
  const lines = text.replace(/^(?:[ \t]*\n)+/, '').split('\n');
  const [indent = ''] = /^[ \t]*/.exec(lines[0] ?? '') ?? [];
  const plain = lines.map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line.trimStart()));
  const end = plain.indexOf('');
  const head = end < 0 ? plain : plain.slice(0, end);
  const body = end < 0 ? '' : plain.slice(end + 1).join('\r\n');
  const counted = head.map((line) => line.replace(/^(content-length|l)[ \t]*:.*$/i, `$1: ${body.length}`));
  return `${counted.join('\r\n')}\r\n\r\n${body}`;
}

const beforeReading: ReadonlySet<string> = new Set(['deny', 'allow', 'ban', 'flood']);

function form(request: SipRequest): Step {
  const refusal = checkRequest(request, { methods: servedMethods, options: servedOptions });
  return refusal === undefined
    ? { rule: 'form', stops: false, because: 'it is well-formed' }
    : { rule: 'form', stops: true, answer: refusal.status, because: refusal.reason };
}

function draining(isStopping: boolean, isLeaving: boolean, { method }: SipRequest): Step {
  const [rule, answer] = ['draining', 503] as const;
  if (!takenElsewhere.has(method) || !(isStopping || isLeaving))
    return { rule, stops: false, because: 'the server takes it' };
  const why = isStopping ? 'the server is stopping' : 'the node is drained';
  return { rule, stops: true, answer, because: `${why}, and takes no ${method}` };
}

function application({ method }: SipRequest, apps: number, wanting: number): Step {
  const rule = 'application';
  const says = (because: string) => ({ rule, stops: false, because });
  if (wanting > 0) return says(`applications for ${method}: ${wanting}, one of which decides`);
  if (method === 'OPTIONS') return says('no application takes OPTIONS: the agent answers 200');
  const none = `no application takes ${method} (${apps} connected)`;
  return { rule, stops: true, answer: 503, because: apps === 0 ? 'none is connected that could decide' : none };
}

/** Where its topmost Via says that it came from. */
function sourceOf(request: SipRequest): Endpoint {
  const via = parseVia(request.headers.get('Via') ?? '');
  const address = via?.parameters.get('received') ?? via?.host ?? '0.0.0.0';
  return { address, port: via?.port ?? 5060 };
}
