// The same stories of people on one node and on several: what nobody may notice is how many there are.

import { afterAll, beforeAll, describe, test } from 'vitest';
import { requireOrSkip } from '../support/require.ts';
import { amendmentScenarios } from './scenarios/amendments.ts';
import { historyScenarios } from './scenarios/history.ts';
import { messageScenarios } from './scenarios/messages.ts';
import { moderationScenarios } from './scenarios/moderation.ts';
import { People } from './scenarios/people.ts';
import { readingScenarios } from './scenarios/reading.ts';
import { rosterScenarios } from './scenarios/roster.ts';
import type { Scenario } from './scenarios/scenario.ts';
import { settings, startAllSettings } from './scenarios/servers.ts';

const scenarios: readonly Scenario[] = [
  ...rosterScenarios,
  ...messageScenarios,
  ...historyScenarios,
  ...amendmentScenarios,
  ...readingScenarios,
  ...moderationScenarios,
];

describe.skipIf(!requireOrSkip('mediasoup') || !requireOrSkip('redis'))('people', () => {
  let all: Awaited<ReturnType<typeof startAllSettings>>;

  beforeAll(async () => {
    all = await startAllSettings();
  }, 120_000);

  afterAll(async () => {
    await all?.[Symbol.asyncDispose]();
  });

  describe.each(settings)('on $name', (setting) => {
    for (const [index, [name, run]] of scenarios.entries()) {
      test(name, { timeout: 90_000 }, async () => {
        const servers = all.of(setting);
        await using people = new People(servers);
        await run({ people, servers, room: `scenario-${index}` });
      });
    }
  });
});
