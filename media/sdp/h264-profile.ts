import type { JsonScalar } from '../../proto/gen/types.ts';

/** Bits of profile_idc and of the constraint flags that make a profile: RFC 6184 section 8.1, table 5. `x`: either. */
const profiles: readonly { readonly idc: number; readonly flags: string; readonly name: string }[] = [
  { idc: 0x42, flags: 'x1xx0000', name: 'constrained baseline' },
  { idc: 0x4d, flags: '1xxx0000', name: 'constrained baseline' },
  { idc: 0x58, flags: '11xx0000', name: 'constrained baseline' },
  { idc: 0x42, flags: 'x0xx0000', name: 'baseline' },
  { idc: 0x58, flags: '10xx0000', name: 'baseline' },
  { idc: 0x4d, flags: '0x0x0000', name: 'main' },
  { idc: 0x64, flags: '00000000', name: 'high' },
  { idc: 0x64, flags: '00001100', name: 'constrained high' },
  { idc: 0xf4, flags: '00000000', name: 'predictive high 4:4:4' },
];
const levels: ReadonlySet<number> = new Set([10, 11, 12, 13, 20, 21, 22, 30, 31, 32, 40, 41, 42, 50, 51, 52]);

/**
 * The profile that `profile-level-id` names; `undefined` for one that is not known. Without it the RFC says Baseline, and
 * everybody, mediasoup included, means Constrained Baseline.
 */
export function h264ProfileOf(parameters: Readonly<Record<string, JsonScalar>>): string | undefined {
  const id = parameters['profile-level-id'];
  if (id === undefined) return 'constrained baseline';
  if (typeof id !== 'string' || !/^[0-9a-f]{6}$/i.test(id)) return undefined;
  const [idc, flags, level] = [0, 2, 4].map((at) => Number.parseInt(id.slice(at, at + 2), 16));
  if (flags === undefined || level === undefined || !levels.has(level)) return undefined;
  return profiles.find((profile) => profile.idc === idc && matches(profile.flags, flags))?.name;
}

function matches(pattern: string, flags: number): boolean {
  const bits = flags.toString(2).padStart(8, '0');
  return [...pattern].every((wanted, index) => wanted === 'x' || wanted === bits[index]);
}
