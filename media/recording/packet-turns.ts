// To wake up for a packet costs more than to take it. After a turn of the event loop that brought few of them the process
// sleeps for a moment, and what comes meanwhile waits in its sockets: the next turn brings the packets of many tracks at once.

/**
 * A track is written as if it had begun so much later, at most: nobody hears or sees that it is. It is as much longer until the
 * server is answered.
 */
const sleepMs = 10;
/** After a turn that brought so many more may wait, of which a socket hands out 32 in a turn. */
const manyPackets = 16;

const neverWoken = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
let packets = 0;

/** To be told of each packet that is read, by whatever socket of this process. */
export function countPacket(): void {
  if (packets === 0) setImmediate(endTurn);
  packets += 1;
}

function endTurn(): void {
  const isCalm = packets < manyPackets;
  packets = 0;
  if (isCalm) Atomics.wait(neverWoken, 0, 0, sleepMs);
}
