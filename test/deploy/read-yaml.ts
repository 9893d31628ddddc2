import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { packageRoot } from '../../server/package-root.ts';

/** Of the checkout, as in `deploy/Dockerfile`. */
export const readText = (path: string): string => readFileSync(join(packageRoot, path), 'utf8');

/** All documents of a file. @throws {Error} for anything that YAML 1.2 does not allow, twice the same key among it. */
export function readYaml(path: string): unknown[] {
  const documents = parseAllDocuments(readText(path), { merge: true });
  if (!Array.isArray(documents)) return [];
  for (const { errors, warnings } of documents) {
    const [problem] = [...errors, ...warnings];
    if (problem) throw new Error(`${path}: ${problem.message}`);
  }
  return documents.map((document) => document.toJS() as unknown);
}
