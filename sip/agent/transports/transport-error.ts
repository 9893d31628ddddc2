export type TransportFault =
  | 'REFUSED'
  | 'TIMEOUT'
  | 'UNREACHABLE'
  | 'TLS'
  | 'NO_TRANSPORT'
  | 'TOO_LARGE'
  | 'QUEUE_FULL'
  | 'CLOSED';

/** Why a message could not be sent. The layers above tell nobody more than its code. */
export class TransportError extends Error {
  readonly code: TransportFault;

  constructor(code: TransportFault, text: string, cause?: unknown) {
    super(text, cause === undefined ? undefined : { cause });
    this.name = 'TransportError';
    this.code = code;
  }

  static from(error: unknown, what: string): TransportError {
    if (error instanceof TransportError) return error;
    const code = (error as NodeJS.ErrnoException | undefined)?.code ?? '';
    return new TransportError(faultOf(code), `${what}: ${code || String(error)}`, error);
  }
}

function faultOf(code: string): TransportFault {
  if (code === 'ECONNREFUSED') return 'REFUSED';
  if (code === 'ETIMEDOUT') return 'TIMEOUT';
  if (code === 'EMSGSIZE') return 'TOO_LARGE';
  if (/^E(?:HOST|NET)UNREACH$|^EADDRNOTAVAIL$|^EINVAL$|^EACCES$|^EPERM$/.test(code)) return 'UNREACHABLE';
  if (/TLS|SSL|CERT|SELF_SIGNED|UNABLE_TO_VERIFY/.test(code)) return 'TLS';
  return 'CLOSED';
}
