import { formatParameters, type Parameters, parseParameters } from './parameters.ts';
import { parseHostPort } from './parse-host-port.ts';

/** RFC 3261 section 20.42. */
export interface Via {
  /** `UDP`, `TCP`, `TLS`, `WS`, `WSS`, in upper case. */
  readonly transport: string;
  /** Of `sent-by`; an IPv6 address without its brackets. */
  readonly host: string;
  readonly port?: number;
  /** `branch`, `received`, `rport` (RFC 3581: '' when it is asked for), … */
  readonly parameters: Parameters;
}

const beginning = /^SIP\s*\/\s*2\.0\s*\/\s*([\w\-.!%*+`'~]+)\s+/i;

/** Who receives a message, who checks it and who finds its transaction ask for its topmost one in turn. */
let last: { readonly text: string; readonly via: Via | undefined } = { text: '', via: undefined };

export function parseVia(text: string): Via | undefined {
  if (text !== last.text) last = { text, via: read(text) };
  return last.via;
}

function read(text: string): Via | undefined {
  const found = beginning.exec(text);
  if (found === null) return undefined;
  const rest = text.slice(found[0].length);
  const semicolon = rest.indexOf(';');
  const sentBy = parseHostPort((semicolon < 0 ? rest : rest.slice(0, semicolon)).trim());
  if (sentBy === undefined) return undefined;
  const parameters = parseParameters(semicolon < 0 ? '' : rest.slice(semicolon));
  return { transport: (found[1] ?? '').toUpperCase(), ...sentBy, parameters };
}

export function formatVia({ transport, host, port, parameters }: Via): string {
  const name = host.includes(':') ? `[${host}]` : host;
  return `SIP/2.0/${transport} ${name}${port === undefined ? '' : `:${port}`}${formatParameters(parameters)}`;
}
