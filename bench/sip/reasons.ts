/** Why a goal is missed, by its name. */
export const reasons: Readonly<Record<string, string>> = {};
