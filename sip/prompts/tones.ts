// What a telephone network plays while it connects, in the tones of North America, which are known everywhere. To be looped.

import type { Sound } from '../../media/phones/phone-media.ts';

/** It rings there. */
export const ringBack: readonly Sound[] = [{ tones: [440, 480], ms: 2_000 }, { silenceMs: 4_000 }];
/** Somebody is there, and speaks to somebody else. */
export const busy: readonly Sound[] = [{ tones: [480, 620], ms: 500 }, { silenceMs: 500 }];
/** There is no way there now. */
export const congestion: readonly Sound[] = [{ tones: [480, 620], ms: 250 }, { silenceMs: 250 }];
