import type { KeptMessage } from './ladders.ts';

/** Answers after which the same is asked once more: for a password, or for another time. */
const asksAgain = /^SIP\/2\.0 (?:401|407|422|423) /;

/**
 * The final answer to what a call began with: `503 Service Unavailable`; '' where there is none yet. Of a request that was sent
 * again with a password it is the answer to that one.
 */
export function outcomeOf(messages: readonly KeptMessage[]): string {
  const [first] = messages;
  const begun = first && cseqOf(first);
  if (first === undefined || begun === undefined) return '';
  const answers = messages.filter((message) => {
    const isFinal = /^SIP\/2\.0 [2-6]/.test(message.text) && message.direction !== first.direction;
    const cseq = isFinal ? cseqOf(message) : undefined;
    return cseq?.method === begun.method && cseq.number >= begun.number;
  });
  const final = answers.find(({ text }) => !asksAgain.test(text)) ?? answers.at(-1);
  return final?.text.split('\r\n', 1)[0]?.slice('SIP/2.0 '.length) ?? '';
}

function cseqOf({ text }: KeptMessage): { readonly number: number; readonly method: string } | undefined {
  const [, number, method] = /^CSeq[ \t]*:[ \t]*(\d{1,10})[ \t]+(\S+)[ \t]*$/im.exec(text) ?? [];
  return number === undefined || method === undefined ? undefined : { number: Number(number), method };
}
