// Where the keys of a room are. All keys of one partition have the same hash tag, so that one script may touch them on a Redis
// Cluster as well; the partitions are spread evenly over its slots. Source: redis.io/docs/reference/cluster-spec.

/** Of the rooms; a power of two, so that it divides the slots. */
export const partitions = 128;
const slots = 16_384;
const slotsOfPartition = slots / partitions;

/** CRC-16/XMODEM, as Redis Cluster has it. */
function crc16(text: string): number {
  let crc = 0;
  for (const byte of Buffer.from(text)) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x8000 ? ((crc << 1) ^ 0x1021) & 0xffff : (crc << 1) & 0xffff;
  }
  return crc;
}

/** The slot of a key, by its hash tag where it has one. */
export function slotOf(key: string): number {
  const open = key.indexOf('{');
  const close = open === -1 ? -1 : key.indexOf('}', open + 1);
  return crc16(close > open + 1 ? key.slice(open + 1, close) : key) % slots;
}

/** By partition: the first number whose slot lies in the partition's range. */
const tags: readonly string[] = (() => {
  const found = new Map<number, string>();
  for (let number = 0; found.size < partitions; number++) {
    const partition = Math.floor(slotOf(String(number)) / slotsOfPartition);
    if (!found.has(partition)) found.set(partition, String(number));
  }
  return Array.from({ length: partitions }, (_, partition) => found.get(partition) ?? '');
})();

/** FNV-1a of the UTF-16 units. */
export function partitionOf(room: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < room.length; at++) hash = Math.imul(hash ^ room.charCodeAt(at), 0x01000193);
  return (hash >>> 0) % partitions;
}

export const tagOfPartition = (partition: number): string => tags[partition] ?? '';

/** What stands between the braces in all keys and channels of a room. */
export const tagOf = (room: string): string => tagOfPartition(partitionOf(room));

/** A key of the room's partition: `kind` as in the table of docs/adr/0014-log-in-redis.md, `rest` behind it. */
export const roomKey = (prefix: string, kind: string, room: string): string =>
  `${prefix}:{${tagOf(room)}}:${kind}:${room}`;

/** Where pushes of the room's log and frames of the room are published. */
export const roomChannel = (prefix: string, room: string): string => roomKey(prefix, 'ch', room);

/** A key of what is of all nodes together. */
export const nodesKey = (prefix: string, kind: string): string => `${prefix}:{n}:${kind}`;
