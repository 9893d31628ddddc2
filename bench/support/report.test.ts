import { expect, test } from 'vitest';
import { partToMarkdown, placeSection } from './report.ts';
import { quantile } from './statistics.ts';
import { toMarkdown, toTerminal } from './table.ts';

test('placeSection() appends a section that was not there and replaces one that was, and nothing else', () => {
  const once = placeSection('# Performance\n', 'joins', 'first');
  expect(once).toBe('# Performance\n\n<!-- bench:joins -->\nfirst\n<!-- /bench:joins -->\n');

  const both = placeSection(once, 'gateway', 'other');
  const again = placeSection(both, 'joins', 'second');
  expect(again).toContain('<!-- bench:joins -->\nsecond\n<!-- /bench:joins -->');
  expect(again).toContain('<!-- bench:gateway -->\nother\n<!-- /bench:gateway -->');
  expect(again).not.toContain('first');
});

test('a table has the same cells in the terminal and in Markdown', () => {
  const table = { columns: [{ title: 'what' }, { title: 'ratio', align: 'right' as const }], rows: [['room', '1.02']] };
  expect(toMarkdown(table)).toBe('| what | ratio |\n| --- | ---: |\n| room | 1.02 |');
  expect(toTerminal(table)).toBe('  what   ratio\n  ────────────\n  room    1.02');
});

test('a further table of a report stands below its own heading and method', () => {
  const table = { columns: [{ title: 'what' }], rows: [['room']] };
  expect(partToMarkdown({ title: 'Rooms', method: 'Counted.', table })).toEqual([
    '### Rooms',
    '',
    'Counted.',
    '',
    '| what |\n| --- |\n| room |',
    '',
  ]);
});

test('quantile() interpolates between neighbours and leaves its input as it was', () => {
  const values = [4, 1, 3, 2];
  expect(quantile(values, 0.5)).toBe(2.5);
  expect(quantile(values, 1)).toBe(4);
  expect(values).toEqual([4, 1, 3, 2]);
  expect(quantile([], 0.5)).toBeNaN();
});
