// What a benchmark leaves behind: a table on stdout, bench/results/<name>.json, and its section of docs/performance.md.

import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, release, totalmem, type } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { MachineLoad } from './cpu-time.ts';
import { type Table, toMarkdown, toTerminal } from './table.ts';

export interface Report {
  /** Names the JSON file and the section. */
  readonly name: string;
  readonly title: string;
  /** What was done, in a sentence or two: stands above the table. */
  readonly method: string;
  readonly table: Table;
  /** Further tables below, each with what was done. */
  readonly parts?: readonly ReportPart[];
  /** What the tables say, in words; one line each. */
  readonly notes: readonly string[];
  /** Packages whose versions matter. */
  readonly packages: readonly string[];
  readonly load: MachineLoad;
  /** The settings of the run and every figure of it, for the JSON file. */
  readonly settings: Readonly<Record<string, number | string>>;
  readonly results: object;
}

export interface ReportPart {
  readonly title: string;
  readonly method: string;
  readonly table: Table;
}

const root = new URL('../../', import.meta.url);

/** Prints the report. A run with `record` also becomes the recorded one; a quick run has too few rounds for that. */
export function publishReport(report: Report, { record }: { record: boolean }): void {
  console.log(`\n${report.title}\n${wrap(report.method, 110)}\n\n${toTerminal(report.table)}\n`);
  for (const { title, method, table } of report.parts ?? []) {
    console.log(`${title}\n${wrap(method, 110)}\n\n${toTerminal(table)}\n`);
  }
  for (const note of [...report.notes, describeLoad(report.load)]) console.log(wrap(note, 110));
  if (!record) {
    console.log('\nA quick run: not recorded.');
    return;
  }
  const context = {
    date: new Date().toISOString().slice(0, 10),
    machine: machine(),
    versions: versions(report.packages),
  };
  const { name, settings, load, results } = report;
  mkdirSync(new URL('bench/results/', root), { recursive: true });
  writeFileSync(
    new URL(`bench/results/${name}.json`, root),
    `${JSON.stringify({ name, ...context, settings, load, results }, null, 2)}\n`,
  );
  const section = [
    `## ${report.title}`,
    '',
    `${report.method} \`npm run bench:${name}\``,
    '',
    toMarkdown(report.table),
    '',
    ...(report.parts ?? []).flatMap(partToMarkdown),
    ...report.notes.map((note) => `- ${note}`),
    `- ${describeLoad(load)}`,
    `- ${context.date}, ${context.machine.cores} × ${context.machine.cpu}, ${context.machine.memoryGiB} GiB, ${context.machine.system}; ${Object.entries(
      context.versions,
    )
      .map(([part, version]) => `${part} ${version}`)
      .join(', ')}. All figures: [${name}.json](../bench/results/${name}.json).`,
  ].join('\n');
  const doc = new URL('docs/performance.md', root);
  writeFileSync(doc, placeSection(readOr(doc, emptyDoc), name, section));
  console.log(`\nRecorded in bench/results/${name}.json and docs/performance.md.`);
}

/** The lines of one part, with an empty one behind it. */
export function partToMarkdown({ title, method, table }: ReportPart): string[] {
  return [`### ${title}`, '', method, '', toMarkdown(table), ''];
}

const emptyDoc = `# Performance

Measured by the benchmarks in \`bench/\`, each against its peers in one run, in interleaved rounds. The machine is shared, so trust
the ratios. Each section is written by its benchmark; a run with \`--quick\` leaves it as it is.
`;

/** The document with the section between its markers, at the end when it was not there before. */
export function placeSection(document: string, name: string, section: string): string {
  const open = `<!-- bench:${name} -->`;
  const close = `<!-- /bench:${name} -->`;
  const block = `${open}\n${section}\n${close}`;
  const from = document.indexOf(open);
  const to = document.indexOf(close);
  if (from < 0 || to < from) return `${document.trimEnd()}\n\n${block}\n`;
  return document.slice(0, from) + block + document.slice(to + close.length);
}

function describeLoad({ cores, ownCpuPercent, othersCpuPercent, loadAverage }: MachineLoad): string {
  return `While it ran, the benchmark used ${ownCpuPercent} % and others ${othersCpuPercent} % of ${cores * 100} % CPU; load average ${loadAverage}.`;
}

function machine() {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}`,
  };
}

function versions(packages: readonly string[]): Record<string, string> {
  const require = createRequire(import.meta.url);
  const found: Record<string, string> = { parley: commit(), node: process.versions.node };
  for (const name of packages) {
    const path = fileURLToPath(new URL(`node_modules/${name}/package.json`, root));
    found[name] = (require(path) as { version: string }).version;
  }
  return found;
}

function commit(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim();
  } catch {
    return 'unknown';
  }
}

function readOr(file: URL, otherwise: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return otherwise;
  }
}

function wrap(text: string, width: number): string {
  return text.replaceAll(new RegExp(`(.{1,${width}})(?:\\s+|$)`, 'g'), '$1\n').trimEnd();
}
