import { Registry } from '@prometheus-io/client';
import { expect, test } from 'vitest';
import { createRecoveryMetric, placementMetrics } from './placement-metrics.ts';
import { createPulledMetrics } from './pulled-metrics.ts';

test('the placement of rooms is shown by worker and by what was refused', async () => {
  const registry = new Registry();
  createPulledMetrics(registry, placementMetrics).set({
    routers: 3,
    nodePipes: 2,
    nodeTracks: { sent: 5, received: 3 },
    pipes: 2,
    refused: { video: 4, sound: 1, transports: 0 },
    promised: new Map([[1, 0.25]]),
  });
  const lines = (await registry.metrics()).split('\n');
  for (const line of [
    'parley_media_room_routers 3',
    'parley_media_pipes 2',
    'parley_media_node_pipes 2',
    'parley_media_node_tracks{direction="sent"} 5',
    'parley_media_node_tracks{direction="received"} 3',
    'parley_media_refused_total{what="video"} 4',
    'parley_media_refused_total{what="transports"} 0',
    'parley_media_promised_load{worker="1"} 0.25',
  ]) {
    expect(lines).toContain(line);
  }
});

test('the time of a recovery is counted under the 3 seconds that it may take', async () => {
  const registry = new Registry();
  const observe = createRecoveryMetric(registry);
  observe(0.6);
  observe(3.5);
  const lines = (await registry.metrics()).split('\n');
  expect(lines).toContain('parley_media_recovery_seconds_bucket{le="3"} 1');
  expect(lines).toContain('parley_media_recovery_seconds_bucket{le="5"} 2');
});
