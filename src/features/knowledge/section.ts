/** A part of a document that is found and shown on its own. */
export interface Section {
  /** The headings above it, outermost first: `Configuration › Environment`. */
  readonly title: string;
  readonly text: string;
}
