// A shared screen takes the stage; people become a filmstrip beside it, or stand below it where the window is upright.

import { type Area, gapPx, layoutGrid, type Rect } from './grid-layout.ts';

export interface StageLayout {
  readonly stage: Rect;
  /** As many as fit; the rest of `count` is not shown. */
  readonly strip: readonly Rect[];
}

const stripAspect = 16 / 10;
const screenAspect = 16 / 10;
const stripShare = 0.2;
const smallestTilePx = 96;
const largestTilePx = 260;

export function layoutStage(area: Area, count: number): StageLayout {
  const whole = { left: 0, top: 0, width: area.widthPx, height: area.heightPx };
  if (count === 0) return { stage: whole, strip: [] };
  return area.widthPx >= area.heightPx ? stripOnTheRight(area, count) : peopleBelow(area, count);
}

function stripOnTheRight(area: Area, count: number): StageLayout {
  const width = Math.min(area.widthPx / 2, clamp(area.widthPx * stripShare));
  const height = Math.min(area.heightPx, width / stripAspect);
  const shown = Math.min(count, howManyFit(area.heightPx, height));
  const usedHeight = shown * height + (shown - 1) * gapPx;
  const stageWidth = Math.max(0, area.widthPx - width - gapPx);
  return {
    stage: { left: 0, top: 0, width: stageWidth, height: area.heightPx },
    strip: Array.from({ length: shown }, (_, index) => ({
      left: area.widthPx - width,
      top: (area.heightPx - usedHeight) / 2 + index * (height + gapPx),
      width,
      height,
    })),
  };
}

/** Upright, a screen fills the width long before the height: the people get what is left, at most half. */
function peopleBelow(area: Area, count: number): StageLayout {
  const stageHeight = Math.max(area.widthPx / screenAspect, area.heightPx / 2);
  const top = Math.min(area.heightPx, stageHeight + gapPx);
  const rest = { widthPx: area.widthPx, heightPx: area.heightPx - top };
  return {
    stage: { left: 0, top: 0, width: area.widthPx, height: stageHeight },
    strip: layoutGrid(rest, count).map((rect) => ({ ...rect, top: rect.top + top })),
  };
}

function clamp(sizePx: number): number {
  return Math.min(largestTilePx, Math.max(smallestTilePx, sizePx));
}

function howManyFit(lengthPx: number, tilePx: number): number {
  return Math.max(1, Math.floor((lengthPx + gapPx) / (tilePx + gapPx)));
}
