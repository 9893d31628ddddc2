import type { NodeInfo } from '../directory.ts';

/** One that takes clients and has nothing to do. */
export const nodeInfo = (name: string, more: Partial<NodeInfo> = {}): NodeInfo => ({
  name,
  region: '',
  publicUrl: `https://${name}.example.org`,
  rpcAddress: '',
  pipeAddress: '',
  version: '0',
  ready: true,
  draining: false,
  cores: 1,
  load: 0,
  promised: 0,
  rooms: 0,
  peers: 0,
  ...more,
});
