// What is known of goals that are missed.

const smallRoomsInMemory =
  'Four readers are four writes, and in a profile the kernel took a third of all CPU time. uWebSockets.js alone, which numbers, keeps and acknowledges nothing, needs most of what the goal allows, or more; see its rows. Little is left for checking the call, its rate and grant, the number, the ring, an event four times as long and the acknowledgement; no function of ours took more than a twentieth. It would take shorter events: in a room with a message every other second there is nothing to put together.';

const smallRoomsOnDisk =
  'Besides what the log in memory lacks: each message is a row, a client id and words to find, and crosses to a thread and back, with all threads on one core. When messages come one by one, few share a commit, and each commit syncs the disk and wakes both threads. Fewer commits would cost less, and every acknowledgement would be later by what they wait.';

const ackCapacity =
  'On one core 20,000/s leave 50 µs of CPU for a message. The row of uWebSockets.js shows what the sockets take of it, that with the log in memory what rules, numbers and events add, and the table of the store what a record costs it by itself; the rest is what calls and answers between the two threads cost. It would take one post to the thread for each commit, a store that writes fewer pages for a record, and half of what checking, numbering and fanning out cost today.';

const ackDelay =
  '10,000/s is more than one core can take here, and close to what both can with the clients on one of them: beyond the capacity whatever waits gets longer for as long as it lasts. What is late at half of it is in the table; which part of a commit makes it so was not told apart.';

const idleConnection =
  'Of the heap that is the connection, its session, its place in the room and the record of its coming, which the log in memory keeps once more. What lies between heap and resident memory was found to be what the engine of the sockets allocates, not the heap’s own pages; bursts of joins leave it larger than it has to be.';

const stalledMemory =
  'Of a reader that has stopped the gateway keeps 512 KB of frames, which all of them share, and the engine the rest of one write. See the column with everybody reading for what the same load leaves without any that has stopped.';

/**
 * Why a goal is not reached, by the name of the goal: printed below the table for as long as it is missed. Sentences; what is
 * in the way, and what it would take.
 */
export const reasons: Readonly<Record<string, string>> = {
  'idle size, disk': idleConnection,
  'idle share, disk': idleConnection,
  'idle size, memory': idleConnection,
  'idle share, memory': idleConnection,
  'stalled memory': stalledMemory,
  'small-rooms 500/s memory': smallRoomsInMemory,
  'small-rooms 2000/s memory': smallRoomsInMemory,
  'small-rooms 500/s disk': smallRoomsOnDisk,
  'small-rooms 2000/s disk': smallRoomsOnDisk,
  'acks capacity, one': ackCapacity,
  'acks capacity, both': `${ackCapacity} With both cores the clients take what the server’s threads would gain.`,
  'acks p99, one': ackDelay,
  'acks p99, both': ackDelay,
};
