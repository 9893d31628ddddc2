const namedAtMost = 3;

/** “Ada”, “Ada and Ben”, “Ada, Ben and Cleo”, “Ada, Ben and 4 others”. */
export function nameList(names: readonly string[]): string {
  const shown = names.length > namedAtMost ? names.slice(0, namedAtMost - 1) : names;
  const others = names.length - shown.length;
  const items = others > 0 ? [...shown, `${others} others`] : shown;
  const last = items.at(-1) ?? '';
  return items.length < 2 ? last : `${items.slice(0, -1).join(', ')} and ${last}`;
}
