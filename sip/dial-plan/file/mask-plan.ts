import { isMap, isPair, isScalar, parseDocument, visit } from 'yaml';

const mask = '(secret)';
const secrets: ReadonlySet<string> = new Set(['password', 'pin', 'passwords']);

/** A plan as it is written, without its secrets: passwords, hashes of them, PINs, and comments, where they may stand as well. */
export function maskPlan(text: string): string {
  const document = parseDocument(text);
  document.commentBefore = null;
  document.comment = null;
  visit(document, {
    Node: (_, node) => {
      node.comment = null;
      node.commentBefore = null;
      // As it was written: 00 and +49 are numbers to YAML, and would come out as 0 and 49.
      if (isScalar(node) && typeof node.value === 'number' && node.source !== String(node.value))
        node.value = node.source;
      return undefined;
    },
    Pair: (_, pair) => {
      if (!isPair(pair) || !isScalar(pair.key)) return undefined;
      const name = String(pair.key.value);
      if (name === 'hashes' && isMap(pair.value))
        for (const hash of pair.value.items) hash.value = document.createNode(mask);
      // A PIN of several rooms is a group of its own, in which each has one.
      else if (secrets.has(name) && !isMap(pair.value)) pair.value = document.createNode(mask);
      return undefined;
    },
  });
  return document.toString({ lineWidth: 0 });
}
