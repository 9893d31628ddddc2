// The numbers of ITU-T G.722 by its own names.

/** Table 11: the quadrature mirror filter, every second tap; the others are the same backwards. */
export const mirrorFilter = Int32Array.of(3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11);

/** Decision levels of the lower sub-band (Q6): 29, and two that make the search for one of them even. */
export const lowDecisions = Int32Array.of(
  ...[35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650, 714],
  ...[786, 858, 940, 1023, 1121, 1219, 1339, 1458, 1612, 1765, 1980, 2195, 2557, 2919],
  ...[2919, 2919],
);

/** ILN and ILP: the code of each interval between them, below zero and above. */
export const lowCodesBelow = Int32Array.of(63, 62, ...Array.from({ length: 28 }, (_, index) => 31 - index));
export const lowCodesAbove = Int32Array.from({ length: 30 }, (_, index) => 61 - index);

const lowLevels = [
  ...[24_808, 21_904, 19_008, 16_704, 14_984, 13_512, 12_280, 11_192, 10_232, 9360, 8576, 7856, 7192, 6576],
  ...[6000, 5456, 4944, 4464, 4008, 3576, 3168, 2776, 2400, 2032, 1688, 1360, 1040, 728],
];

/** QM6: what the decoder hears in the 6 bits of the lower sub-band. Four codes are never sent. */
export const lowLevels6 = Int32Array.of(
  ...[-136, -136, -136, -136],
  ...lowLevels.map((level) => -level),
  ...lowLevels,
  ...[432, 136, -432, -136],
);

const coarseLevels = [20_456, 12_896, 8968, 6288, 4240, 2584, 1200];

/** QM4: what both sides adapt by, so that the lowest two bits can be taken away on the path. */
export const lowLevels4 = Int32Array.of(0, ...coarseLevels.map((level) => -level), ...coarseLevels, 0);

/** WL by RL42: how the lower sub-band's scale follows its 4 bits. */
const lowSteps = [-60, 3042, 1198, 538, 334, 172, 58, -30];
export const lowScaleSteps = Int32Array.of(...lowSteps, ...lowSteps.slice(1), -60);

/** QM2: of the 2 bits of the higher sub-band. */
export const highLevels = Int32Array.of(-7408, -1616, 7408, 1616);

/** WH by RH2. */
export const highScaleSteps = Int32Array.of(798, -214, 798, -214);

/** ILB: an octave of the scale, from its logarithm. */
export const scaleOctave = Int32Array.of(
  ...[2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543, 2599, 2656, 2714, 2774, 2834],
  ...[2896, 2960, 3025, 3091, 3158, 3228, 3298, 3371, 3444, 3520, 3597, 3676, 3756, 3838, 3922, 4008],
);
