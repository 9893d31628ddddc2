import { readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Folders where most files take less time than a process and its imports do: these share both, and put back what they change.
 * What is in `longFiles` has a process of its own.
 */
const sharing = [
  'core',
  'signaling',
  'client/src',
  'web-demo',
  'proto',
  'bench',
  'scripts',
  'media',
  'sip',
  'server',
  'cluster',
];

/** Files in these folders that load libwebrtc for Node, which takes its process down now and then. */
export const ownProcess = [
  'client/src/e2ee/room-encryption.test.ts',
  'client/src/media/device-store.test.ts',
  'client/src/media/direct/room-direct.test.ts',
  'client/src/media/overload.test.ts',
  'client/src/media/receive-side.test.ts',
  'client/src/room.test.ts',
  'media/call.test.ts',
  'media/data/data-across-nodes.test.ts',
  'media/data/room-data.test.ts',
  'media/mediasoup/left-out.test.ts',
  'media/nodes/call.test.ts',
  'media/phones/webrtc/web-rtc-session.test.ts',
  'media/room-routers.test.ts',
  'media/room-tap.test.ts',
  'media/sdp/accepted.test.ts',
  'media/sdp/real-worker.test.ts',
  'server/cluster/open-cluster.test.ts',
];

/** Every file of tests in these folders but those `apart`. */
export function sharedFiles(root: string, apart: ReadonlySet<string>): string[] {
  return sharing
    .flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((path) => `${folder}/${path}`),
    )
    .filter((path) => /\.test\.tsx?$/.test(path) && !path.includes('node_modules/') && !apart.has(path));
}
