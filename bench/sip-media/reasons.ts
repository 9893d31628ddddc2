/** Why a goal is missed, by its name. */
export const reasons: Readonly<Record<string, string>> = {
  'node-share':
    'The main loop takes no part in it, but the sockets of phones are in a mixer thread: each packet is received there and sent on, for SDES-SRTP, latching, digits and prompts are not the worker’s. A system call each way is most of what that costs.',
};
