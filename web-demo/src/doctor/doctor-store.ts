import { ParleyError } from '@parley/client';
import { computed, type ReadonlySignal, type Signal, signal } from '@preact/signals';
import { createTokenSource } from '../state/token-source.ts';
import { describePath, type Hop, type HopKind, type HopState, judge, type Verdict } from './hops.ts';
import { tryPath } from './try-path.ts';

export interface DoctorStore {
  readonly hops: ReadonlySignal<readonly Hop[]>;
  readonly verdict: ReadonlySignal<Verdict>;
  /** The server gives out no tokens: the page asks for one. */
  readonly asksForToken: ReadonlySignal<boolean>;
  readonly token: Signal<string>;
  readonly isRunning: ReadonlySignal<boolean>;
  /** Tries everything, one after the other. While it runs, does nothing. */
  run(): Promise<void>;
}

/** As GET /api/v1/probe answers it. */
interface Plan {
  readonly places: readonly number[];
  readonly iceServers: readonly {
    readonly urls: readonly string[];
    readonly username: string;
    readonly credential: string;
  }[];
}

const timeoutMs = 8_000;

export function createDoctorStore({ token: given }: { token: string }): DoctorStore {
  const hops = signal<readonly Hop[]>([]);
  const token = signal(given);
  const asksForToken = signal(false);
  const isRunning = signal(false);

  const add = (id: string, kind: HopKind, label: string): void => {
    hops.value = [...hops.peek(), { id, kind, label, state: { name: 'waiting' } }];
  };
  const set = (id: string, state: HopState): void => {
    hops.value = hops.peek().map((hop) => (hop.id === id ? { ...hop, state } : hop));
  };
  const attempt = async (id: string, task: () => Promise<HopState> | HopState): Promise<boolean> => {
    set(id, { name: 'running' });
    const state = await task();
    set(id, state);
    return state.name === 'fine';
  };

  const tryAll = async (): Promise<void> => {
    hops.value = [];
    asksForToken.value = false;
    add('page', 'page', 'Secure page');
    add('http', 'signaling', 'Server');
    add('socket', 'signaling', 'WebSocket');
    await attempt('page', checkPage);
    let plan: Plan | undefined;
    let ownToken = '';
    const answered = await attempt('http', async () => {
      try {
        ownToken = await getToken(token.peek().trim());
        plan = await fetchPlan(ownToken);
        return { name: 'fine', text: `${location.host} answers` };
      } catch (error) {
        if (error instanceof ParleyError && /^(?:TOKEN_|GUESTS_)/.test(error.reason)) asksForToken.value = true;
        return { name: 'failed', text: describeError(error), mend: mendOf(error) };
      }
    });
    if (!answered || !plan) return;
    const ways = waysOf(plan);
    for (const { id, kind, label } of ways) add(id, kind, label);
    if (!(await attempt('socket', checkWebSocket))) return;
    for (const { id, kind, via, place, relay } of ways) {
      await attempt(id, async () =>
        describePath(kind, await tryPath({ via, place, token: ownToken, relay }), relay?.urls.toString()),
      );
    }
  };

  return {
    hops,
    token,
    asksForToken,
    isRunning,
    verdict: computed(() => judge(hops.value)),
    async run() {
      if (isRunning.peek()) return;
      isRunning.value = true;
      try {
        await tryAll();
      } finally {
        isRunning.value = false;
      }
    },
  };
}

interface Way {
  readonly id: string;
  readonly kind: 'udp' | 'tcp' | 'relay';
  readonly label: string;
  readonly via: 'udp' | 'tcp';
  readonly place: number;
  readonly relay?: RTCIceServer;
}

function waysOf({ places, iceServers }: Plan): readonly Way[] {
  const numbered = (protocol: string, place: number) =>
    places.length > 1 ? `${protocol}, worker ${place + 1}` : protocol;
  const [first = 0] = places;
  return [
    ...(['udp', 'tcp'] as const).flatMap((via) =>
      places.map((place) => ({
        id: `${via}-${place}`,
        kind: via,
        label: numbered(via.toUpperCase(), place),
        via,
        place,
      })),
    ),
    ...iceServers.flatMap(({ urls, username, credential }) =>
      urls
        .filter((url) => url.startsWith('turn'))
        .map((url) => {
          const relay = { urls: url, username, credential };
          return {
            id: url,
            kind: 'relay' as const,
            label: labelOfRelay(url),
            via: 'udp' as const,
            place: first,
            relay,
          };
        }),
    ),
  ];
}

function labelOfRelay(url: string): string {
  if (url.startsWith('turns:')) return 'Relay over TLS';
  return url.endsWith('transport=tcp') ? 'Relay over TCP' : 'Relay over UDP';
}

function checkPage(): HopState {
  if (window.isSecureContext) return { name: 'fine', text: 'The browser lets this page use camera and microphone' };
  return {
    name: 'failed',
    text: 'Browsers give camera and microphone to pages over HTTPS alone',
    mend: 'Put the server behind HTTPS: a proxy with a certificate, or gateway.tls.',
  };
}

async function checkWebSocket(): Promise<HopState> {
  const socket = new WebSocket(new URL('/ws', location.href.replace(/^http/, 'ws')), 'parley.v1.json');
  const startedMs = performance.now();
  const isOpen = await new Promise<boolean>((resolve) => {
    socket.addEventListener('open', () => resolve(true));
    socket.addEventListener('error', () => resolve(false));
    setTimeout(() => resolve(false), timeoutMs);
  });
  socket.close();
  if (isOpen) return { name: 'fine', text: `Opened in ${Math.ceil(performance.now() - startedMs)} ms` };
  return {
    name: 'failed',
    text: 'The WebSocket does not open',
    mend: 'The proxy in front has to pass WebSockets on (the headers Upgrade and Connection).',
  };
}

async function getToken(given: string): Promise<string> {
  return createTokenSource({ name: 'Connection test', room: 'doctor', moderator: false, given }).first();
}

async function fetchPlan(token: string): Promise<Plan> {
  const response = await fetch('/api/v1/probe', {
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(timeoutMs),
  });
  const answer = await response.json();
  if (response.ok) return answer as Plan;
  const { reason = 'INTERNAL', message = `HTTP ${response.status}` } = answer?.error ?? {};
  throw new ParleyError(reason, message);
}

function describeError(error: unknown): string {
  if (error instanceof ParleyError) return error.message;
  return 'The server does not answer';
}

function mendOf(error: unknown): string {
  if (!(error instanceof ParleyError)) return 'Is it running, and is this network online?';
  return /^(?:TOKEN_|GUESTS_)/.test(error.reason) ? 'Paste a token below and test again.' : 'Try again in a moment.';
}
