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
-- The secret of this store: see cluster/epochs.ts.
CREATE TABLE store (secret TEXT NOT NULL) STRICT;

-- Written when a room begins and when it is trimmed, not by appends: the newest record is the last one in records. The words
-- of records up to "indexed" are in found, the client ids of those up to "sorted" in appends; what lies behind is kept in
-- memory, and is read from records when the file is opened.
CREATE TABLE rooms (
  no INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  epoch TEXT NOT NULL,
  first INTEGER NOT NULL DEFAULT 1,
  trimmed_id TEXT NOT NULL DEFAULT '',
  indexed INTEGER NOT NULL DEFAULT 0,
  sorted INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE records (
  id INTEGER PRIMARY KEY,
  message_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  sender TEXT NOT NULL,
  client_id TEXT NOT NULL,
  -- Of what the client asked for; empty: any content matches.
  content_hash TEXT NOT NULL,
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
-- Of all rooms together: ids sort by time, so that appends of any rooms come to the same page.
CREATE INDEX records_of_message ON records (message_id) WHERE kind = 'message';
CREATE INDEX records_of_thread ON records (id >> 32, thread_id) WHERE thread_id <> '';
CREATE INDEX records_that_replaced ON records (replaced) WHERE replaced IS NOT NULL;

-- Which record a client id put there, by a hash of room, sender and client id: the record itself, or its row in outliving,
-- tells whether it is the one. 20 bytes a row, because rows come at random places.
CREATE TABLE appends (
  hash INTEGER NOT NULL,
  record INTEGER NOT NULL,
  PRIMARY KEY (hash, record)
) STRICT, WITHOUT ROWID;

-- Of records that were trimmed before the time to forget their client ids: what a retry is answered with.
CREATE TABLE outliving (
  record INTEGER PRIMARY KEY,
  message_id TEXT NOT NULL,
  sender TEXT NOT NULL,
  client_id TEXT NOT NULL,
  content_hash TEXT NOT NULL,
  at_ms REAL NOT NULL
) STRICT;
CREATE INDEX outliving_by_age ON outliving (at_ms);

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

-- Words have their room and block in front of them, so that a search reads nothing of other rooms, and a part of its own at a
-- time: see text-index.ts. secure-delete: a word that was
-- erased leaves the file at once, not at some later merge.
CREATE VIRTUAL TABLE found USING fts5(words, content='', columnsize=0, detail=none, tokenize="ascii tokenchars '_'");
INSERT INTO found (found, rank) VALUES ('secure-delete', 1);
-- Parts are merged in pieces, 8 parts at once: see text-index.ts. Only where that fell far behind they are merged at once.
INSERT INTO found (found, rank) VALUES ('automerge', 0);
INSERT INTO found (found, rank) VALUES ('usermerge', 8);
INSERT INTO found (found, rank) VALUES ('crisismerge', 64);

PRAGMA application_id = ${applicationId};
PRAGMA user_version = ${schemaVersion};
`;
