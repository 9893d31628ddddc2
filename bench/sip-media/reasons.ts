/** Why a goal is missed, by its name. */
export const reasons: Readonly<Record<string, string>> = {
  'node-share':
    'No packet passes the main loop: what it takes are the reports of who speaks, and a look at each room a second. The sockets of phones are in a mixer thread, for SDES-SRTP, latching, digits and prompts are not the worker’s: each packet is received there and sent on, and system calls are most of what that costs.',
};
