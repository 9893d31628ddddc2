import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** Of this process: what is compared tells nothing of what was entered. */
const key = randomBytes(32);

/**
 * The first choice with this PIN. All are compared, each in the same time, so that how long it takes tells neither whether nor
 * which one was right, nor how many digits were.
 */
export function matchPin<Choice extends { readonly pin: string }>(
  entered: string,
  choices: readonly Choice[],
): Choice | undefined {
  const digest = digestOf(entered);
  let found: Choice | undefined;
  for (const choice of choices) {
    const isRight = timingSafeEqual(digest, digestOf(choice.pin));
    found = isRight ? (found ?? choice) : found;
  }
  return found;
}

export function digestOf(pin: string): Buffer {
  return createHmac('sha256', key).update(pin).digest();
}
