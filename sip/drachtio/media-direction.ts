export type MediaDirection = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

const attribute = /^a=(sendrecv|sendonly|recvonly|inactive)\s*$/;

/** Cut before each `m=`: what is said of the session, then each stream. */
function sections(sdp: string): string[][] {
  const all: string[][] = [[]];
  for (const line of sdp.split(/\r?\n/)) {
    if (line.startsWith('m=')) all.push([]);
    if (line !== '') all.at(-1)?.push(line);
  }
  return all;
}

function directionOf(lines: readonly string[] | undefined): MediaDirection | undefined {
  for (const line of lines ?? []) {
    const direction = attribute.exec(line)?.[1];
    if (direction !== undefined) return direction as MediaDirection;
  }
  return undefined;
}

/** Whoever wrote this does not want to hear us: `sendonly` or `inactive` everywhere, or the zero address of RFC 2543. */
export function isHold(sdp: string): boolean {
  const [session = [], ...media] = sections(sdp);
  const open = media.filter(([first = '']) => !/^m=\S+ 0 /.test(first));
  const isNowhere = (lines: readonly string[]) => lines.some((line) => /^c=IN IP4 0\.0\.0\.0\s*$/.test(line));
  return (
    open.length > 0 &&
    open.every((lines) => {
      const direction = directionOf(lines) ?? directionOf(session) ?? 'sendrecv';
      const connection = lines.some((line) => line.startsWith('c=')) ? lines : session;
      return direction === 'sendonly' || direction === 'inactive' || isNowhere(connection);
    })
  );
}

/** The same streams in another direction, as the next version of the session (RFC 3264 section 8). */
export function withDirection(sdp: string, direction: MediaDirection): string {
  const [session = [], ...media] = sections(sdp);
  const without = (lines: readonly string[]) => lines.filter((line) => !attribute.test(line));
  const next = without(session).map((line) => {
    const origin = /^(o=\S+ \S+ )(\d+)( .*)$/.exec(line);
    return origin === null ? line : `${origin[1]}${BigInt(origin[2] ?? '0') + 1n}${origin[3]}`;
  });
  const lines = [...next, ...media.flatMap((stream) => [...without(stream), `a=${direction}`])];
  return `${lines.join('\r\n')}\r\n`;
}

/** What answers an offer with this direction, of a side that would send and hear (RFC 3264 section 6.1). */
export function answerDirection(offer: string): MediaDirection {
  const [session = [], ...media] = sections(offer);
  const direction = directionOf(media[0]) ?? directionOf(session) ?? 'sendrecv';
  if (direction === 'sendonly') return 'recvonly';
  return direction === 'recvonly' ? 'sendonly' : direction;
}
