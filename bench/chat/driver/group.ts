// Connections in rooms, made many at a time.

import { type Dialect, type DialectName, dialects } from './dialects.ts';
import { RawClient } from './raw-client.ts';

export interface GroupOrder {
  /** Of each node: member m of a room connects to that of node m mod their number. */
  readonly ports: readonly number[];
  readonly dialect: DialectName;
  readonly rooms: number;
  readonly membersPerRoom: number;
  /** Rooms of other groups are other rooms. */
  readonly prefix: string;
}

/** Room by room: the member m of room r is at r × membersPerRoom + m. */
export interface Group {
  readonly order: GroupOrder;
  readonly dialect: Dialect;
  readonly clients: readonly RawClient[];
}

const atOnce = 100;
const enterTimeoutMs = 20_000;

export function roomName({ prefix }: GroupOrder, room: number): string {
  return `${prefix}-${room}`;
}

/** Where the client at this place is connected. */
export function nodeOf({ membersPerRoom, ports }: Pick<GroupOrder, 'membersPerRoom' | 'ports'>, at: number): number {
  return (at % membersPerRoom) % ports.length;
}

export async function openGroup(order: GroupOrder): Promise<Group> {
  const dialect = dialects[order.dialect];
  const count = order.rooms * order.membersPerRoom;
  const clients = new Array<RawClient>(count);
  let next = 0;
  const openNext = async () => {
    while (next < count) {
      const at = next++;
      const room = roomName(order, Math.floor(at / order.membersPerRoom));
      const port = order.ports[nodeOf(order, at)] ?? 0;
      clients[at] = await openMember(port, dialect, room, `${order.prefix}-${String(at).padStart(5, '0')}`);
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, openNext));
  return { order, dialect, clients };
}

async function openMember(port: number, dialect: Dialect, room: string, name: string): Promise<RawClient> {
  const steps = [...dialect.enter(room, name)];
  const { promise, resolve, reject } = newPromise();
  const timer = setTimeout(() => reject(new Error(`nobody let ${name} into ${room}`)), enterTimeoutMs);
  let step = steps.shift();
  const first = step;
  const startStep = (client: RawClient) => {
    if (step === undefined) {
      client.readAll(false);
      client.onPayload = () => {};
      return resolve();
    }
    if (step.send) client.send(step.send);
  };
  const client = await RawClient.open(
    { port, path: dialect.path(room), subprotocol: dialect.subprotocol },
    (opening) => {
      opening.readAll(step !== undefined);
      opening.onClose = () => reject(new Error(`${name} was closed`));
      opening.onPayload = (payload) => {
        try {
          if (!step?.isAnswer(payload)) return;
          step = steps.shift();
          startStep(opening);
        } catch (error) {
          reject(error as Error);
        }
      };
    },
  );
  // What the server says first may have come along with the upgrade.
  if (step === first) startStep(client);
  await promise.finally(() => clearTimeout(timer));
  return client;
}

function newPromise() {
  let resolve: () => void = () => {};
  let reject: (reason: Error) => void = () => {};
  const promise = new Promise<void>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}
