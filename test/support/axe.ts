import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';

type Violation = Awaited<ReturnType<AxeBuilder['analyze']>>['violations'][number];

/** What axe finds serious or critical in a page, or in parts of it. */
export async function seriousFor(page: Page, ...parts: readonly string[]): Promise<readonly Violation[]> {
  const axe = new AxeBuilder({ page }).options({ resultTypes: ['violations'] });
  // All at once and in the page itself, which holds no frames: otherwise each look opens another page for its last step.
  axe.setLegacyMode();
  for (const part of parts) axe.include(part);
  const { violations } = await axe.analyze();
  return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
}
