import type { PhoneLeg } from '../../media/phones/phone-media.ts';

/** What a menu needs of a phone: it plays to it, and hears its digits. */
export type MenuLeg = Pick<PhoneLeg, 'events' | 'play' | 'stopPlaying' | 'setMuted' | 'setVolume'>;
