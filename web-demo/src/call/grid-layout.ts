// Where each tile of a call goes. Pure, so that properties of it can be tested: nothing overlaps, nothing overflows.

export interface Rect {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface Area {
  readonly widthPx: number;
  readonly heightPx: number;
}

export const gapPx = 10;

/** The widest and the narrowest shape that a camera's picture is cropped to. */
const widestAspect = 16 / 9;

function narrowestAspect(area: Area): number {
  // A telephone held upright shows people upright; on a wide screen tall tiles would cut off too much.
  return area.widthPx < area.heightPx ? 3 / 4 : 4 / 3;
}

/** The largest tile for `count` tiles in that many columns; zero-sized where the gaps alone fill the area. */
export function tileSize(area: Area, count: number, columns: number): { widthPx: number; heightPx: number } {
  const rows = Math.ceil(count / columns);
  const cellWidth = Math.max(0, (area.widthPx - gapPx * (columns - 1)) / columns);
  const cellHeight = Math.max(0, (area.heightPx - gapPx * (rows - 1)) / rows);
  const widthPx = Math.min(cellWidth, cellHeight * widestAspect);
  const heightPx = Math.min(cellHeight, cellWidth / narrowestAspect(area));
  return { widthPx, heightPx };
}

/** The number of columns with which tiles are as large as they can be. */
export function bestColumns(area: Area, count: number): number {
  let best = 1;
  let bestArea = -1;
  for (let columns = 1; columns <= count; columns += 1) {
    const { widthPx, heightPx } = tileSize(area, count, columns);
    if (widthPx * heightPx > bestArea) {
      best = columns;
      bestArea = widthPx * heightPx;
    }
  }
  return best;
}

/** `count` rectangles of one size in the middle of the area, row by row; the last row is centred. */
export function layoutGrid(area: Area, count: number): Rect[] {
  if (count === 0) return [];
  const columns = bestColumns(area, count);
  const rows = Math.ceil(count / columns);
  const { widthPx: width, heightPx: height } = tileSize(area, count, columns);
  const usedHeight = rows * height + (rows - 1) * gapPx;
  return Array.from({ length: count }, (_, index) => {
    const row = Math.floor(index / columns);
    const inRow = row === rows - 1 ? count - row * columns : columns;
    const usedWidth = inRow * width + (inRow - 1) * gapPx;
    return {
      left: (area.widthPx - usedWidth) / 2 + (index % columns) * (width + gapPx),
      top: (area.heightPx - usedHeight) / 2 + row * (height + gapPx),
      width,
      height,
    };
  });
}
