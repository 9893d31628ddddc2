/** What a benchmark is doing, on one line of stderr that is written over; a line each where there is no terminal. */
export interface Progress {
  step(text: string): void;
  /** Clears the line, so that what is printed next stands alone. */
  done(): void;
}

export function createProgress(name: string): Progress {
  const startedMs = performance.now();
  const terminal = process.stderr.isTTY;
  return {
    step(text) {
      const line = `${name}  ${((performance.now() - startedMs) / 1000).toFixed(0).padStart(3)} s  ${text}`;
      process.stderr.write(terminal ? `\r\x1b[2K${line}` : `${line}\n`);
    },
    done() {
      if (terminal) process.stderr.write('\r\x1b[2K');
    },
  };
}
