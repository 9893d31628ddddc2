// @ts-check
const frameMs = 120;
const heartbeatMs = 15_000;
const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

/** `4.2 s` below a minute, `3:14` above. @param {number} ms */
export function formatElapsed(ms) {
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.floor(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  return `${minutes}:${String(seconds % 60).padStart(2, '0')}`;
}

/** The clock of a step under way counts whole seconds. @param {number} ms */
function formatRunning(ms) {
  const seconds = Math.floor(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}

/**
 * Shows what is under way: on a terminal one live line for each running step, elsewhere one plain line for each event and, for long steps,
 * a sign of life at most every 15 seconds. Nothing at all is written until the first step starts.
 *
 * @param {{ stream: { write(text: string): unknown, isTTY?: boolean, columns?: number }, title: string, nowMs?: () => number }} options
 */
export function createProgress({ stream, title, nowMs = () => performance.now() }) {
  /** @type {Map<string, { startedMs: number, spokeMs: number, text: string }>} */
  const running = new Map();
  const live = stream.isTTY === true;
  const beganMs = nowMs();
  let drawnLines = 0;
  let frame = 0;
  let titled = false;
  /** @type {NodeJS.Timeout | undefined} */
  let timer;

  const erase = () => {
    if (drawnLines > 0) stream.write(`\x1b[${drawnLines}A\x1b[0J`);
    drawnLines = 0;
  };
  const draw = () => {
    const lines = [...running].map(([name, step]) => {
      const line = `${frames[frame % frames.length]} ${name}${step.text ? `: ${step.text}` : ''} · ${formatRunning(nowMs() - step.startedMs)}`;
      return line.slice(0, (stream.columns ?? 80) - 1);
    });
    if (lines.length > 0) stream.write(`${lines.join('\n')}\n`);
    drawnLines = lines.length;
  };
  const redraw = () => {
    erase();
    draw();
  };
  /** @param {string} line */
  const say = (line) => {
    if (live) erase();
    stream.write(`${line}\n`);
    if (live) draw();
  };
  const tick = () => {
    if (live) {
      frame++;
      redraw();
      return;
    }
    for (const [name, step] of running) {
      if (nowMs() - step.spokeMs < heartbeatMs) continue;
      step.spokeMs = nowMs();
      say(`${name}: ${step.text || 'working'}, ${formatRunning(nowMs() - step.startedMs)}`);
    }
  };
  /** @param {string} name @param {{ mark: string, words: string, outcome?: string }} how */
  const end = (name, { mark, words, outcome }) => {
    const step = running.get(name);
    running.delete(name);
    const elapsed = step ? formatElapsed(nowMs() - step.startedMs) : '';
    const tail = outcome ? (live ? ` · ${outcome}` : ` (${outcome})`) : '';
    say(live ? `${mark} ${name} · ${elapsed}${tail}` : `${name}: ${words} ${elapsed}${tail}`);
  };

  return {
    /** @param {string} name */
    started: (name) => {
      if (!titled) say(title);
      titled = true;
      running.set(name, { startedMs: nowMs(), spokeMs: nowMs(), text: '' });
      timer ??= setInterval(tick, live ? frameMs : 1_000);
      if (live) redraw();
      else say(`${name}: started`);
    },
    /** @param {string} name @param {string} text */
    noted: (name, text) => {
      const step = running.get(name);
      if (step) step.text = text;
    },
    /** @param {string} name @param {string} outcome */
    done: (name, outcome) => end(name, { mark: '✓', words: 'done in', outcome }),
    /** @param {string} name */
    failed: (name) => end(name, { mark: '✗', words: 'failed after' }),
    /** @param {string} name */
    stopped: (name) => end(name, { mark: '–', words: 'stopped after' }),
    /** A line that stays. @param {string} line */
    say,
    /** Stops drawing, and says how long everything took when anything was done. @param {string} [ending] */
    close: (ending) => {
      clearInterval(timer);
      if (live) erase();
      running.clear();
      if (titled && ending) stream.write(`${ending} in ${formatElapsed(nowMs() - beganMs)}.\n`);
    },
  };
}
