// What people type to call somebody: a phone number, a SIP address, or the name that somebody is signed in by.

import type { CallTarget } from '@parley/client';

const longestNumber = 32;

/** Undefined: nobody can be called by that. */
export function toTarget(typed: string): CallTarget | undefined {
  const text = typed.trim();
  if (/^sips?:/i.test(text)) return /^sips?:[^\s<>"]+$/i.test(text) ? { uri: text } : undefined;
  const dialled = text.replace(/[\s().\-/]/g, '');
  if (/^\+?[0-9*#]+$/.test(dialled)) return dialled.length <= longestNumber ? { number: dialled } : undefined;
  if (/^[^\s<>"@]+@[^\s<>"@]+\.[^\s<>"@]+$/.test(text)) return { uri: `sip:${text}` };
  return text === '' || /[<>"]/.test(text) ? undefined : { user: text };
}

/** Of a link that leads to a call: `/phone/<whom>`. */
export function calleeOfPath(path: string): string | undefined {
  const encoded = /^\/phone\/([^/]+)\/?$/.exec(path)?.[1];
  if (encoded === undefined) return undefined;
  try {
    return decodeURIComponent(encoded);
  } catch {
    return undefined;
  }
}

export function pathOfCallee(identity: string): string {
  return `/phone/${encodeURIComponent(identity)}`;
}
