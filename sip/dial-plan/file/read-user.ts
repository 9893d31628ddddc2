import type { PlanUser } from '../plan-data.ts';
import type { Fields } from './fields.ts';
import { isDialled, readSecret } from './read-parts.ts';

const mostNumbers = 32;
const mostAttributes = 32;

export function readUser(fields: Fields): PlanUser {
  const identity = fields.requireText('identity', {
    check: (text) => /^[^\s"<>]{1,128}$/.test(text),
    expects: 'an identity as tokens have it, without spaces',
  });
  const secret = readSecret(fields);
  if (secret === undefined) fields.problem('', 'needs a password, or hashes of one');
  return {
    identity,
    name: fields.text('name') ?? identity,
    login: fields.text('login') ?? identity,
    secret: secret ?? { hashes: {} },
    numbers: fields.texts('numbers', mostNumbers, isDialled) ?? [],
    callerId: fields.text('callerId', isDialled) ?? '',
    attributes: Object.fromEntries(fields.entries('attributes', mostAttributes)),
  };
}
