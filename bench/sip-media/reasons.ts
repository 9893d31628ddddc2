/** Why a goal is missed, by its name. */
export const reasons: Readonly<Record<string, string>> = {
  'node-share':
    'No packet passes the main loop: what it takes are the reports of who speaks, and a look at each room a second. The sockets of phones are in a mixer thread, for SDES-SRTP, latching, digits and prompts are not the worker’s: each packet is received there and sent on, and system calls are most of what that costs.',
  'phones-per-thread':
    'A thread with 200 phones is busy for about half of the time: a tick that is late by more is one for which the system gave the core to somebody else. Look at the p50, and at how busy others were.',
  'large-room':
    'The mix of a hundred is made once, and each phone gets a packet within one tick: sending them takes 2 to 3 ms, and a core that others use as well makes it more.',
  delay:
    'Where voices are mixed, a packet waits for the jitter buffer (20 ms on a good path, more when the load sends late, which is told below) and up to 20 ms for the next tick; a browser’s Opus adds its own look-ahead of 6.5 ms. What is passed through has neither.',
  transcoding:
    'rtpengine is C with a native libopus, and receives and sends in the same process. Here Opus is WebAssembly, half as slow again, and a browser’s voice comes by the worker, which is counted in. A decoded voice is shared by those who hear it: alone with one listener that saves nothing.',
};
