// What is in the database. A change of it needs another version and a step from the one before.

/** `PRAGMA application_id`: so that another program's database is not taken for ours. */
export const applicationId = 0x50726c79;
export const schemaVersion = 1;

/**
 * A record's id is its room's number and its own in one: `room << 32 | seq`. So the records of a room lie together, reading a
 * page of them needs no index, and the search finds them by a range.
 */
export const maxSeq = 0xffff_fffe;

/** Of the record `?` in the room `?`. */
export const recordId = '((? << 32) | ?)';

export const schema = `
CREATE TABLE rooms (
  no INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  epoch TEXT NOT NULL,
  head INTEGER NOT NULL DEFAULT 0,
  head_id TEXT NOT NULL DEFAULT '',
  first INTEGER NOT NULL DEFAULT 1,
  trimmed_id TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE records (
  id INTEGER PRIMARY KEY,
  message_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  sender TEXT NOT NULL,
  client_id TEXT NOT NULL,
  at_ms REAL NOT NULL,
  payload TEXT NOT NULL,
  thread_id TEXT NOT NULL,
  -- The id of the record whose payload this one replaced.
  replaced INTEGER,
  amended INTEGER NOT NULL DEFAULT 0,
  erased INTEGER NOT NULL DEFAULT 0,
  marked INTEGER NOT NULL DEFAULT 0,
  -- It has a text to search; words: what of it stands in the index.
  counted INTEGER NOT NULL,
  words TEXT NOT NULL,
  mentions TEXT NOT NULL
) STRICT;
CREATE INDEX records_of_message ON records (id >> 32, message_id) WHERE kind = 'message';
CREATE INDEX records_of_thread ON records (id >> 32, thread_id) WHERE thread_id <> '';
CREATE INDEX records_that_replaced ON records (replaced) WHERE replaced IS NOT NULL;

-- Apart from the records, because it outlives them.
CREATE TABLE appends (
  room INTEGER NOT NULL,
  sender TEXT NOT NULL,
  client_id TEXT NOT NULL,
  -- Empty: any content matches.
  hash TEXT NOT NULL,
  seq INTEGER NOT NULL,
  message_id TEXT NOT NULL,
  at_ms REAL NOT NULL,
  PRIMARY KEY (room, sender, client_id)
) STRICT, WITHOUT ROWID;

-- Appends whose records were trimmed before the time to forget them.
CREATE TABLE outliving (
  at_ms REAL NOT NULL,
  room INTEGER NOT NULL,
  sender TEXT NOT NULL,
  client_id TEXT NOT NULL,
  PRIMARY KEY (at_ms, room, sender, client_id)
) STRICT, WITHOUT ROWID;

-- since: of the first mark with this key; at: of this one.
CREATE TABLE marks (
  record INTEGER NOT NULL,
  key TEXT NOT NULL,
  member TEXT NOT NULL,
  since INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (record, key, member)
) STRICT, WITHOUT ROWID;

CREATE TABLE mentions (
  room INTEGER NOT NULL,
  identity TEXT NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (room, identity, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE facts (
  room INTEGER NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (room, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE watermarks (
  room INTEGER NOT NULL,
  identity TEXT NOT NULL,
  delivered INTEGER NOT NULL,
  read INTEGER NOT NULL,
  moved INTEGER NOT NULL,
  PRIMARY KEY (room, identity)
) STRICT, WITHOUT ROWID;
CREATE INDEX watermarks_that_moved ON watermarks (room, moved);

-- Words have their room in front of them, so that a search reads nothing of other rooms. secure-delete: a word that was
-- erased leaves the file at once, not at some later merge.
CREATE VIRTUAL TABLE found USING fts5(words, content='', columnsize=0, detail=none, tokenize="ascii tokenchars '_'");
INSERT INTO found (found, rank) VALUES ('secure-delete', 1);

PRAGMA application_id = ${applicationId};
PRAGMA user_version = ${schemaVersion};
`;
