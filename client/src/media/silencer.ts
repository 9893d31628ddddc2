/**
 * Turns a track off and on for muting and pausing. What the application itself turned off (`enabled`) stays off, and it gets
 * its track back as it gave it.
 */
export class Silencer {
  #track: MediaStreamTrack;
  #silent: boolean;
  /** Turned off here, and not by the application. */
  #turnedOff = false;

  constructor(track: MediaStreamTrack, silent: boolean) {
    this.#track = track;
    this.#silent = silent;
    this.#apply();
  }

  set silent(silent: boolean) {
    this.#silent = silent;
    this.#apply();
  }

  set track(track: MediaStreamTrack) {
    this.release();
    this.#track = track;
    this.#apply();
  }

  release(): void {
    if (this.#turnedOff) this.#track.enabled = true;
    this.#turnedOff = false;
  }

  #apply(): void {
    if (!this.#silent) this.release();
    else if (this.#track.enabled) {
      this.#turnedOff = true;
      this.#track.enabled = false;
    }
  }
}
