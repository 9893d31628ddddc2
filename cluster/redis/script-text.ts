import { createHash } from 'node:crypto';

/** What Redis knows a script by. */
export const hashOf = (source: string): string => createHash('sha1').update(source).digest('hex');

/** The same script, which publishes at the server that runs it alone: a room's channel has the room's slot. */
export const toSharded = (source: string): string => source.replaceAll("'PUBLISH'", "'SPUBLISH'");
