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
  'sip/agent/messages',
  'sip/agent/transactions',
  'sip/agent/user-agent',
  'sip/agent/defence',
  'sip/agent/dialogs',
  'sip/agent/digest',
  'sip/ladder',
  'server/gateway',
  'server/http',
  'server/identity',
  'server/metrics',
  'cluster/memory',
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
