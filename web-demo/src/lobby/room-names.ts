// Names of rooms: what the server takes, and friendly ones of our own.

const first =
  'amber bold bright calm clear cosy early fair fresh gentle golden green happy honest keen kind light lucky mellow merry misty noble olive open plain quick quiet rosy silver spring sunny swift warm wild'.split(
    ' ',
  );
const second =
  'alpine autumn birch cedar clover coral desert evening forest garden harbour hazel island ivory jasmine lake lemon maple marble meadow moon morning ocean orchard pebble pine prairie river summer valley willow winter'.split(
    ' ',
  );
const third =
  'badger beaver crane dolphin eagle falcon finch fox gecko heron hare ibis jay koala lark lynx magpie marten newt orca otter owl panda puffin raven robin seal sparrow swan tern turtle wren'.split(
    ' ',
  );

const longestBytes = 128;

/** A name that is easy to say on the phone, as in `calm-river-otter`. */
export function createRoomName(): string {
  return [first, second, third].map(pick).join('-');
}

function pick(words: readonly string[]): string {
  const [drawn = 0] = crypto.getRandomValues(new Uint32Array(1));
  return words[drawn % words.length] ?? 'room';
}

/** What a person typed, as the server takes it: “Team Röck!” → `Team-Rock`. Empty when nothing usable is left. */
export function toRoomName(typed: string): string {
  return typed
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .trim()
    .replace(/\s+/g, '-')
    .replace(/[^A-Za-z0-9_.:@-]/g, '')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, longestBytes);
}

/** The room that a page's address names: `/r/<room>`. */
export function roomOfPath(path: string): string | undefined {
  const encoded = /^\/r\/([^/]+)\/?$/.exec(path)?.[1];
  if (encoded === undefined) return undefined;
  try {
    return toRoomName(decodeURIComponent(encoded)) || undefined;
  } catch {
    // A lone percent sign is no room.
    return undefined;
  }
}

export function pathOfRoom(room: string): string {
  return `/r/${encodeURIComponent(room)}`;
}
