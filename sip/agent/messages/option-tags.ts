import type { SipHeaders } from './sip-headers.ts';

/** Whether a field as Require or Supported names an option; tags are tokens, whose case means nothing (RFC 3261 section 7.3.1). */
export function hasOption(headers: SipHeaders, field: 'Require' | 'Supported', tag: string): boolean {
  return headers.all(field).some((said) => said.toLowerCase() === tag);
}
