import { spellHeaderName } from '../agent/messages/header-names.ts';
import type { SipHeaders } from '../agent/messages/sip-headers.ts';

/** What the placeholders of a rule stand for. */
export interface TemplateValues {
  readonly called: string;
  readonly caller: string;
  /** What a prefix or a pattern left of the called number. */
  readonly rest: string;
  readonly user: string;
  readonly trunk: string;
  readonly headers: SipHeaders;
}

const names = ['called', 'caller', 'rest', 'user', 'trunk'] as const;
const placeholder = /\{([^{}]*)\}/g;
/** Longer values of the other side are cut: they become names and attributes. */
const longestValue = 256;

/** A placeholder that stands for nothing, as `{caled}`; undefined: all are known. */
export function unknownPlaceholder(text: string): string | undefined {
  for (const [whole, name = ''] of text.matchAll(placeholder)) {
    if (!names.some((one) => one === name) && !/^header\.[A-Za-z][\w-]*$/.test(name)) return whole;
  }
  return undefined;
}

export function fill(text: string, values: TemplateValues): string {
  return text.replace(placeholder, (_, name: string) => {
    const known = names.find((one) => one === name);
    const value =
      known === undefined ? values.headers.get(spellHeaderName(name.slice('header.'.length))) : values[known];
    return (value ?? '').slice(0, longestValue);
  });
}
