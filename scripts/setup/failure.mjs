// @ts-check
/** A failure that a person can act on: the reason, the one command that mends it, and where the whole output is. */
export class SetupFailure extends Error {
  /**
   * @param {string} reason
   * @param {{ mend: string, log?: string | undefined, cause?: unknown }} details `mend` is one command, or one sentence where no command can help
   */
  constructor(reason, details) {
    super(reason, { cause: details.cause });
    this.name = 'SetupFailure';
    this.mend = details.mend;
    this.log = details.log;
  }
}

/** @param {string} stepName @param {unknown} error */
export function formatFailure(stepName, error) {
  if (!(error instanceof SetupFailure)) {
    const shown = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return `Set-up failed in "${stepName}".\n${indent(shown)}\n`;
  }
  const lines = [`Set-up failed in "${stepName}".`, indent(error.message), `  To mend it:  ${error.mend}`];
  if (error.log) lines.push(`  Whole output: ${error.log}`);
  return `${lines.join('\n')}\n`;
}

const escapeCharacter = String.fromCharCode(27);
const ansiSequence = new RegExp(`${escapeCharacter}\\[[0-9;?]*[A-Za-z]`, 'g');
const troubleWord =
  /\b(error|fatal|failed|failure|undefined reference|cannot|could not|unable|not found|no space|denied|killed|E:)/i;
const noise =
  /A complete log of this run can be found|^npm (error|ERR!)\s*$|^ninja: (entering|build stopped)|^\[\d+\/\d+\] (Compiling|Linking|Generating)/;

/**
 * The few lines of a command's output that tell what went wrong: the first that speak of trouble, since the rest tends to follow from them; else the last ones.
 * @param {string} output
 */
export function lastMeaningfulLines(output, maxLines = 6) {
  const lines = output
    .replace(ansiSequence, '')
    .split(/[\r\n]+/)
    .map((line) => line.trimEnd())
    .filter((line) => line.trim() !== '' && !noise.test(line));
  const troubled = lines.filter((line) => troubleWord.test(line));
  return troubled.length > 0 ? troubled.slice(0, maxLines) : lines.slice(-maxLines);
}

/** @param {string} text */
function indent(text) {
  return text.replace(/^/gm, '  ');
}
