// What the ways to the server are, how each went, and which of them is to blame when a call does not work.

/** `page` asks for HTTPS, `signaling` for HTTP and a WebSocket; `udp` and `tcp` lead to a worker; `relay` through a TURN server. */
export type HopKind = 'page' | 'signaling' | 'udp' | 'tcp' | 'relay';

export type HopState =
  | { readonly name: 'waiting' }
  | { readonly name: 'running' }
  | { readonly name: 'fine'; readonly text: string }
  | { readonly name: 'failed'; readonly text: string; readonly mend: string };

export interface Hop {
  readonly id: string;
  readonly kind: HopKind;
  readonly label: string;
  readonly state: HopState;
}

export interface Verdict {
  readonly tone: 'running' | 'fine' | 'warning' | 'broken';
  readonly title: string;
  readonly advice: string;
}

/** How the way to one end came out. */
export type PathOutcome =
  | { readonly outcome: 'connected'; readonly roundTripMs: number; readonly address: string; readonly port: number }
  | {
      readonly outcome: 'failed';
      /** `refused`: the server gave no end. `relay`: there is no relayed address. `silent`: nothing came back. `dtls`: what came back was no DTLS. */
      readonly stage: 'refused' | 'relay' | 'silent' | 'dtls';
      /** What the server or the relay said. */
      readonly message: string;
      /** Of the relay (RFC 8656 section 19); 0 and 701: it could not be reached. */
      readonly code: number;
      /** Addresses with ports that were tried. */
      readonly targets: readonly string[];
    };

/** A path's outcome in words; `relayUrl` of one through a relay. */
export function describePath(kind: 'udp' | 'tcp' | 'relay', result: PathOutcome, relayUrl = ''): HopState {
  if (result.outcome === 'connected') {
    const { address, port, roundTripMs } = result;
    return { name: 'fine', text: `${address} port ${port} answers in ${Math.max(1, Math.round(roundTripMs))} ms` };
  }
  const targets = result.targets.join(', ');
  if (result.stage === 'refused') {
    return {
      name: 'failed',
      text: `The server opened nothing to try: ${result.message}`,
      mend: 'Try again in a moment.',
    };
  }
  if (kind === 'relay') return describeRelay(result, relayUrl, targets);
  const protocol = kind.toUpperCase();
  if (result.stage === 'dtls') {
    return {
      name: 'failed',
      text: `${protocol} to ${targets} comes back, and the encryption fails`,
      mend: 'Something between here and there changes packets: a firewall that looks into them, or a wrong clock.',
    };
  }
  return {
    name: 'failed',
    text: `${protocol} to ${targets} does not come back`,
    mend: `Open ${protocol} for this port up to the server (media.port), and map it to the same number behind a NAT or out of a container (media.announcedAddress).`,
  };
}

function describeRelay(
  { stage, code, message }: PathOutcome & { outcome: 'failed' },
  url: string,
  targets: string,
): HopState {
  if (stage !== 'relay') {
    return {
      name: 'failed',
      text: `The relay was reached, and nothing comes back from ${targets} through it`,
      mend: 'The relay has to be allowed to send to this address: allowed-peer-ip in turnserver.conf, and the firewall between both.',
    };
  }
  if (code === 401 || code === 403) {
    return {
      name: 'failed',
      text: `${url} refuses the credentials (${code})`,
      mend: 'turn.secret has to be the static-auth-secret of the relay, and both clocks have to agree.',
    };
  }
  const said = message === '' ? '' : `: ${message}`;
  return {
    name: 'failed',
    text: `${url} does not answer${said}`,
    mend: 'Is the relay running, and is this port open in its firewall (turn.urls)?',
  };
}

/** What all of it means for a call. */
export function judge(hops: readonly Hop[]): Verdict {
  const first = hops.find(({ kind, state }) => (kind === 'page' || kind === 'signaling') && state.name === 'failed');
  if (first?.state.name === 'failed') return { tone: 'broken', title: first.state.text, advice: first.state.mend };
  if (hops.length === 0 || hops.some(({ state }) => state.name === 'waiting' || state.name === 'running')) {
    return { tone: 'running', title: 'Testing…', advice: 'Each step tries one way to the server.' };
  }
  const [udp, tcp, relay] = (['udp', 'tcp', 'relay'] as const).map((kind) => summarize(hops, kind));
  const firstMend = (...kinds: readonly HopKind[]) => {
    const broken = hops.find(({ kind, state }) => kinds.includes(kind) && state.name === 'failed');
    return broken?.state.name === 'failed' ? broken.state : { text: '', mend: '' };
  };
  if (udp === 'none' && tcp === 'none' && (relay === 'none' || relay === 'absent')) {
    const { text, mend } = firstMend('udp', 'tcp');
    return { tone: 'broken', title: 'Sound and picture have no way to the server', advice: `${text}. ${mend}` };
  }
  if (udp === 'none') {
    const { text, mend } = firstMend('udp');
    const way = tcp === 'none' ? 'through the relay' : 'over TCP';
    return { tone: 'warning', title: `Calls work ${way}, with more delay`, advice: `${text}. ${mend}` };
  }
  if ([udp, tcp, relay].includes('some') || tcp === 'none' || relay === 'none') {
    const { text, mend } = firstMend('udp', 'tcp', 'relay');
    return { tone: 'warning', title: 'Calls work from here, and may not from everywhere', advice: `${text}. ${mend}` };
  }
  return { tone: 'fine', title: 'Everything works', advice: 'Sound and picture take the shortest way to the server.' };
}

/** `absent`: there is no such hop. */
function summarize(hops: readonly Hop[], kind: HopKind): 'absent' | 'none' | 'some' | 'all' {
  const own = hops.filter((hop) => hop.kind === kind);
  if (own.length === 0) return 'absent';
  const fine = own.filter(({ state }) => state.name === 'fine').length;
  return fine === 0 ? 'none' : fine === own.length ? 'all' : 'some';
}

/** For whoever runs the server, to be pasted into a mail. */
export function toReport(hops: readonly Hop[], verdict: Verdict): string {
  const lines = hops.map(({ label, state }) => {
    if (state.name === 'fine') return `ok      ${label}: ${state.text}`;
    if (state.name === 'failed') return `FAILED  ${label}: ${state.text}\n        ${state.mend}`;
    return `-       ${label}: not tried`;
  });
  return [verdict.title, ...lines].join('\n');
}
