// What is known of goals that are missed.

const smallRoomsInMemory =
  'Four readers are four writes, and the kernel’s part of them is a third of all CPU time; uWebSockets.js alone, which numbers, keeps and acknowledges nothing, needed 0.72 of what Socket.IO does at 500/s and 0.57 at 2,000/s in the run that is recorded: at 500/s it misses the goal itself. That leaves next to nothing for checking the call, its rate and grant, the id and the number, the ring, 460 bytes of JSON instead of 112, the acknowledgement and the collecting of what all that leaves behind: 8 % garbage, 3 % JSON, 7 % compiling in a server that is young, no function above 5 %. It would take shorter events, or events of several messages in one frame, which a room with a message every other second does not have.';

const smallRoomsOnDisk =
  'Besides what the log in memory lacks: each message is a row, a client id and words to find, and crosses to a thread and back, with all threads on one core. When messages come one by one, two or three share a commit, and each commit syncs the disk and wakes both threads. Fewer commits would cost less, and every acknowledgement would be later by what they wait.';

const ackCapacity =
  'On one core 20,000/s leave 50 µs of CPU for a message. The sockets alone take about 20 of them, as the row of uWebSockets.js shows, which answers, delivers to two and keeps nothing; with the log in memory Parley takes 63 and on disk 124, of which the store measured alone is 23 to 40: the row, its place by message id and the log of the file are the greater part, words to find 8. It would take a store that writes records without an index by words and client ids, and half of what checking, numbering and fanning out cost today.';

const ackDelay =
  'The 10,000 a second are close to all that this side can do when the machine has others to serve, and beyond it whatever waits gets longer for as long as it lasts; see the delay at half of its own capacity.';

const idleConnection =
  'uWebSockets.js alone takes 1.0 KB; 2.7 KB of the heap are the connection, its session, its place in the room and the record of its coming, which the log in memory keeps once more, 0.3 KB. The rest are pages that are not full, and what the engine of the sockets put together apart for clients that came while others were read, at most 1 KB for each.';

const stalledMemory =
  'The store’s cache grows to 32 MB with what is written, whoever reads, as the column with everybody reading shows; what is left of that counts as theirs. Of a reader that has stopped the gateway keeps 512 KB of frames, which all of them share, and the engine the rest of one write.';

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
