import { quote, unquote } from './parameters.ts';
import { splitList } from './split-list.ts';

/** A challenge or credentials: `Digest realm="x", nonce="y"` (RFC 3261 section 20.7, RFC 7616). */
export interface AuthValue {
  /** In lower case: `digest`. */
  readonly scheme: string;
  /** Names in lower case, values without quotation marks. */
  readonly parameters: ReadonlyMap<string, string>;
}

export function parseAuth(text: string): AuthValue | undefined {
  const found = /^([\w\-.!%*+`'~]+)\s+(.*)$/s.exec(text.trim());
  if (found === null) return undefined;
  const parameters = new Map<string, string>();
  for (const part of splitList(found[2] ?? '')) {
    const pair = /^([\w\-.!%*+`'~]+)\s*=\s*(.*)$/s.exec(part);
    const name = pair?.[1]?.toLowerCase();
    // Twice one name: which of them counts would be a matter of taste.
    if (pair === null || name === undefined || parameters.has(name)) return undefined;
    parameters.set(name, unquote((pair[2] ?? '').trim()));
  }
  return { scheme: (found[1] ?? '').toLowerCase(), parameters };
}

/** Written without quotation marks, though their values may need none either (RFC 7616 section 3.3 and 3.4). */
const bare: ReadonlySet<string> = new Set(['algorithm', 'stale', 'nc', 'userhash']);

/** `bareQop`: credentials have `qop=auth`, challenges `qop="auth"`. */
export function formatAuth({ scheme, parameters }: AuthValue, { bareQop }: { readonly bareQop: boolean }): string {
  const parts = [...parameters].map(([name, value]) =>
    bare.has(name) || (bareQop && name === 'qop') ? `${name}=${value}` : `${name}=${quote(value)}`,
  );
  return `${scheme.charAt(0).toUpperCase()}${scheme.slice(1)} ${parts.join(', ')}`;
}
