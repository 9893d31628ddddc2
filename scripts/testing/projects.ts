/** Folders whose files take less time than a process and its imports do: these share both, and put back what they change. */
export const sharing = [
  'core',
  'signaling',
  'client/src',
  'web-demo',
  'proto',
  'bench',
  'scripts',
  'media/layers',
  'media/quality',
];

/** Files in these folders that load libwebrtc for Node, which takes its process down now and then. */
export const ownProcess = [
  'client/src/e2ee/room-encryption.test.ts',
  'client/src/media/device-store.test.ts',
  'client/src/media/direct/room-direct.test.ts',
  'client/src/media/overload.test.ts',
  'client/src/media/receive-side.test.ts',
  'client/src/room.test.ts',
];

/**
 * Folders whose tests start servers, Redis and sockets and then wait for leases, deadlines and restarts most of the time: more of
 * them run at once than there are cores, and by themselves, for none of them holds sound or pictures against a clock.
 */
export const waiting = ['cluster', 'server', 'test/cluster', 'test/faults', 'test/chaos'];
