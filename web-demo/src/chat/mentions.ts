// Mentions in the text of a message: “@Ada Lovelace”. Which people are meant travels beside the text.

export interface Mentionable {
  readonly identity: string;
  readonly name: string;
}

export interface MentionQuery {
  /** Where the “@” is. */
  readonly start: number;
  /** What is written behind it, in lower case. */
  readonly text: string;
}

const longestQuery = 40;
const wordEnd = /[\s([{"'“‘,;]/u;

/** What is being written behind an “@” at the caret; undefined when no mention is. */
export function mentionQuery(text: string, caret: number): MentionQuery | undefined {
  const start = text.lastIndexOf('@', caret - 1);
  if (start < 0 || caret - start - 1 > longestQuery) return undefined;
  const before = text[start - 1];
  // An “@” inside of a word belongs to an address.
  if (before !== undefined && !wordEnd.test(before)) return undefined;
  const written = text.slice(start + 1, caret);
  return written.includes('\n') || written.startsWith(' ') ? undefined : { start, text: written.toLocaleLowerCase() };
}

/** Whose name, or a word of it, begins with what is written; the beginnings of whole names first. */
export function findMentionable(people: readonly Mentionable[], query: string, limit = 6): Mentionable[] {
  const rank = (name: string): number => {
    const lower = name.toLocaleLowerCase();
    if (lower.startsWith(query)) return 0;
    return lower.split(/\s+/).some((word) => word.startsWith(query)) ? 1 : 2;
  };
  return people
    .map((person) => ({ person, rank: rank(person.name) }))
    .filter((found) => found.rank < 2)
    .sort((a, b) => a.rank - b.rank || a.person.name.localeCompare(b.person.name))
    .slice(0, limit)
    .map((found) => found.person);
}

/** The text with the mention in the place of what was written, and where the caret goes. */
export function insertMention(
  text: string,
  query: MentionQuery,
  name: string,
): { readonly text: string; readonly caret: number } {
  const end = query.start + 1 + query.text.length;
  const mention = `@${name} `;
  return {
    text: text.slice(0, query.start) + mention + text.slice(end).replace(/^ /, ''),
    caret: query.start + mention.length,
  };
}

/** The server takes 50. */
const mentionsAtMost = 50;

/** Of the people that were chosen or could be meant, those whose names stand in the text. */
export function mentionsIn(text: string, people: readonly Mentionable[]): string[] {
  const found = people.filter(({ name }) => positions(text, name).length > 0);
  return [...new Set(found.map(({ identity }) => identity))].slice(0, mentionsAtMost);
}

export interface MentionPart {
  readonly text: string;
  /** Who is meant; undefined for text between mentions. */
  readonly identity: string | undefined;
}

/** The text cut where a mention of one of the people begins and ends; longer names win over their beginnings. */
export function splitMentions(text: string, mentioned: readonly Mentionable[]): MentionPart[] {
  const spans = mentioned
    .flatMap(({ identity, name }) =>
      positions(text, name).map((start) => ({ start, end: start + name.length + 1, identity })),
    )
    .sort((a, b) => a.start - b.start || b.end - a.end);
  const parts: MentionPart[] = [];
  let done = 0;
  for (const { start, end, identity } of spans) {
    if (start < done) continue;
    if (start > done) parts.push({ text: text.slice(done, start), identity: undefined });
    parts.push({ text: text.slice(start, end), identity });
    done = end;
  }
  if (done < text.length) parts.push({ text: text.slice(done), identity: undefined });
  return parts;
}

const wordCharacter = /[\p{L}\p{N}_]/u;

function positions(text: string, name: string): number[] {
  const found: number[] = [];
  if (name === '') return found;
  const mention = `@${name}`;
  for (let at = text.indexOf(mention); at >= 0; at = text.indexOf(mention, at + mention.length)) {
    const before = text[at - 1];
    const after = text[at + mention.length];
    const stands =
      (before === undefined || wordEnd.test(before)) && (after === undefined || !wordCharacter.test(after));
    if (stands) found.push(at);
  }
  return found;
}
