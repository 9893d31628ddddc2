const smallRoomsCpu =
  'Two readers of a message are at each node: four writes to sockets, which cost Socket.IO the same, and in a profile no function of ours took more than a few per cent besides them. What Parley does more is a call to Redis with its answer, hash, number, ring and acknowledgement, and in Redis nine commands where Socket.IO has one. Where several messages share a call and a frame, as in a large room or near the limit, that is spread; in a thousand rooms with a message every second there is nothing to share.';

const smallRoomsDelay =
  'A message is told when Redis has it, and what it needs of the one core that both nodes and Redis share is above what Socket.IO needs; see its CPU.';

/** Why a goal is not reached, by its name; see bench/chat/reasons.ts. */
export const reasons: Readonly<Record<string, string>> = {
  'small-rooms CPU': smallRoomsCpu,
  'small-rooms p99': smallRoomsDelay,
  'large-room CPU':
    'Below a few hundred messages/s each of them is a frame of its own for 250 readers at each node, and the write to a socket is what it costs, for both.',
  'large-room p99':
    'What comes while a frame is on its way to 250 readers waits up to 10 ms for the next one, and shares it.',
};
