import type { PathOutcome } from './hops.ts';

export interface PathToTry {
  readonly via: 'udp' | 'tcp';
  /** Which worker. */
  readonly place: number;
  readonly token: string;
  /** Given: the way leads through this relay and no other way. */
  readonly relay?: RTCIceServer | undefined;
}

interface OpenedEnd {
  readonly answer: string;
  readonly candidates: readonly { readonly address: string; readonly port: number }[];
}

/** Long enough for a handshake over a slow mobile network, and shorter than the probe's life on the server. */
const timeoutMs = 8_000;
const requestTimeoutMs = 10_000;

/** Connects to an end that carries nothing, closes it again, and says how far it came. Does not throw. */
export async function tryPath({ via, place, token, relay }: PathToTry): Promise<PathOutcome> {
  const connection = new RTCPeerConnection({
    iceServers: relay ? [relay] : [],
    iceTransportPolicy: relay ? 'relay' : 'all',
  });
  const gathering = watchGathering(connection);
  try {
    connection.createDataChannel('probe');
    await connection.setLocalDescription();
    const offer = connection.localDescription?.sdp ?? '';
    const opened = await openEnd({ via, place, offer, token });
    if (typeof opened === 'string') return failed('refused', { message: opened });
    const targets = [...new Set(opened.candidates.map(({ address, port }) => `${address} port ${port}`))];
    await connection.setRemoteDescription({ type: 'answer', sdp: opened.answer });
    const reached = await untilDecided(connection, relay ? gathering : undefined);
    if (reached === 'connected') return await describeConnected(connection);
    if (reached === 'no relay') return failed('relay', { targets, ...gathering.lastError });
    const isReached = ['connected', 'completed'].includes(connection.iceConnectionState);
    return failed(isReached ? 'dtls' : 'silent', { targets });
  } catch (error) {
    return failed('refused', { message: error instanceof Error ? error.message : String(error) });
  } finally {
    connection.close();
  }
}

type Failed = PathOutcome & { outcome: 'failed' };

function failed(stage: Failed['stage'], more: Partial<Pick<Failed, 'message' | 'code' | 'targets'>> = {}): Failed {
  return { outcome: 'failed', stage, message: '', code: 0, targets: [], ...more };
}

interface Gathering {
  readonly lastError: { readonly code: number; readonly message: string };
  /** True when all is gathered and there is nothing that could be used. */
  readonly isFruitless: boolean;
}

function watchGathering(connection: RTCPeerConnection): Gathering {
  let lastError = { code: 0, message: '' };
  let candidates = 0;
  connection.addEventListener('icecandidateerror', ({ errorCode, errorText }) => {
    lastError = { code: errorCode, message: errorText };
  });
  connection.addEventListener('icecandidate', ({ candidate }) => {
    if (candidate !== null && candidate.candidate !== '') candidates += 1;
  });
  return {
    get lastError() {
      return lastError;
    },
    get isFruitless() {
      return connection.iceGatheringState === 'complete' && candidates === 0;
    },
  };
}

/** What became of it. @param gathering given where a relayed address is needed. */
function untilDecided(
  connection: RTCPeerConnection,
  gathering: Gathering | undefined,
): Promise<'connected' | 'no relay' | 'failed'> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (connection.connectionState === 'connected') resolve('connected');
      else if (connection.connectionState === 'failed') resolve('failed');
      else if (gathering?.isFruitless) resolve('no relay');
    };
    for (const name of ['connectionstatechange', 'icegatheringstatechange'] as const) {
      connection.addEventListener(name, look);
    }
    setTimeout(() => resolve(gathering?.isFruitless ? 'no relay' : 'failed'), timeoutMs);
    look();
  });
}

/** The first answers are counted a moment after the connection is said to be there. */
const statsAfterMs = 100;
const maxStatsReads = 10;

async function describeConnected(connection: RTCPeerConnection): Promise<PathOutcome> {
  for (let reads = 1; ; reads++) {
    const stats = await connection.getStats();
    const pair = selectedPair(stats);
    const remote = pair && stats.get(pair.remoteCandidateId);
    if ((remote && pair.currentRoundTripTime !== undefined) || reads === maxStatsReads) {
      return {
        outcome: 'connected',
        roundTripMs: (pair?.currentRoundTripTime ?? 0) * 1000,
        address: remote?.address ?? remote?.ip ?? 'the server',
        port: remote?.port ?? 0,
      };
    }
    await new Promise((resolve) => setTimeout(resolve, statsAfterMs));
  }
}

interface CandidatePair {
  readonly remoteCandidateId: string;
  readonly currentRoundTripTime?: number;
}

/** Firefox names no transport, and marks the pair itself. */
function selectedPair(stats: RTCStatsReport): CandidatePair | undefined {
  let pair: CandidatePair | undefined;
  stats.forEach((entry) => {
    if (entry.type === 'transport' && entry.selectedCandidatePairId) pair = stats.get(entry.selectedCandidatePairId);
    else if (entry.type === 'candidate-pair' && entry.selected) pair = entry;
  });
  return pair;
}

/** The end, or why there is none. */
async function openEnd({ token, ...body }: PathToTry & { offer: string }): Promise<OpenedEnd | string> {
  const response = await fetch('/api/v1/probe', {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(requestTimeoutMs),
  });
  const answer = await response.json();
  return response.ok ? (answer as OpenedEnd) : String(answer?.error?.message ?? `HTTP ${response.status}`);
}
