/** What a person reads when something failed: what happened, and what can be done. */
export interface Explanation {
  readonly title: string;
  readonly advice: string;
}
