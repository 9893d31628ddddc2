/** Why a goal is not reached, by its name; see bench/chat/reasons.ts. */
export const reasons: Readonly<Record<string, string>> = {};
