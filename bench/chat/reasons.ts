// What is known of goals that are missed.

const smallRoomsInMemory =
  'Four readers are four writes, and the kernel’s part of them is a third of all CPU time; uWebSockets.js alone, which numbers, keeps and acknowledges nothing, needs 0.5 to 0.75 of what Socket.IO does. That leaves next to nothing for checking the call, its rate and grant, the id and the number, the ring, 460 bytes of JSON instead of 112, the acknowledgement and the collecting of what all that leaves behind: 8 % garbage, 3 % JSON, 7 % compiling in a server that is young, no function above 5 %. It would take shorter events, or events of several messages in one frame, which a room with a message every other second does not have.';

const smallRoomsOnDisk =
  'Besides what the log in memory lacks: each message is a row, a client id and words to find, and crosses to a thread and back, with all threads on one core. When messages come one by one, two or three share a commit, and each commit syncs the disk and wakes both threads. Fewer commits would cost less, and every acknowledgement would be later by what they wait.';

const ackCapacity =
  'At best a message to two costs the main thread about 35 µs, which is 21,000 to 22,000 a second with the log in memory, and the thread of the store 30 µs more: both on one core cannot do more than 15,000. Of the latter the row, its place by message id and the log of the file are the greater part, words to find 8 µs. It would take a store that writes records without an index by words and client ids, or readers that need no write each.';

const ackDelay =
  'The 10,000 a second are close to all that this side can do when the machine has others to serve, and beyond it whatever waits gets longer for as long as it lasts; see the delay at half of its own capacity.';

/**
 * Why a goal is not reached, by the name of the goal: printed below the table for as long as it is missed. Sentences; what is
 * in the way, and what it would take.
 */
export const reasons: Readonly<Record<string, string>> = {
  'small-rooms 500/s memory': smallRoomsInMemory,
  'small-rooms 2000/s memory': smallRoomsInMemory,
  'small-rooms 500/s disk': smallRoomsOnDisk,
  'small-rooms 2000/s disk': smallRoomsOnDisk,
  'acks capacity, one': ackCapacity,
  'acks capacity, both': `${ackCapacity} With both cores the clients take what the server’s threads would gain.`,
  'acks p99, one': ackDelay,
  'acks p99, both': ackDelay,
};
