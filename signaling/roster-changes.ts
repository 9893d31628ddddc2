// What happened to a roster since its members were last told.

interface Joined<Member> {
  readonly member: Member;
  readonly leftFor: undefined;
}

interface Left<Member, Reason> {
  readonly member: Member;
  readonly leftFor: Reason;
}

/** Joins and leaves in the order in which they happened. */
export type RosterChange<Member, Reason> = Joined<Member> | Left<Member, Reason>;

export interface NetChanges<Member, Reason> {
  readonly joined: Member[];
  readonly left: { readonly member: Member; readonly reason: Reason }[];
}

/**
 * What somebody has to be told who saw the roster after the first `seen` changes: who joined and left again since cancels
 * out. A newcomer sees its own join and all before it in its snapshot, so its part starts behind them.
 */
export function netChanges<Member, Reason>(
  changes: readonly RosterChange<Member, Reason>[],
  seen: number,
): NetChanges<Member, Reason> {
  const joined = new Set<Member>();
  const left: { member: Member; reason: Reason }[] = [];
  for (let index = seen; index < changes.length; index++) {
    const change = changes[index];
    if (change === undefined) continue;
    if (change.leftFor === undefined) joined.add(change.member);
    else if (!joined.delete(change.member)) left.push({ member: change.member, reason: change.leftFor });
  }
  return { joined: [...joined], left };
}
