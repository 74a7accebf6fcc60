/** What can stand in a {@link LinkedList}, in one at a time. */
export interface Linked<T> {
  /** Where it stands; for the list. Begin with `undefined`. */
  links: Links<T> | undefined;
}

/** The neighbours of an entry. */
export interface Links<T> {
  previous: T | undefined;
  next: T | undefined;
}

/**
 * What is under way, in the order of its coming: adding, removing and counting cost the same however much there is.
 *
 * It is no `Set` because of what those leave behind. When V8 makes the table of a `Set` or `Map` anew, as it does every
 * few dozen additions and deletions, the old table keeps its entries and points to the new one. Once one table has
 * grown old, each that follows it is kept until the whole heap is collected, and with it whatever was in it: every
 * call that ran. Collecting those costs more than the calls. An entry that was removed from here is held by nothing.
 */
export class LinkedList<T extends Linked<T>> implements Iterable<T> {
  #first: T | undefined;
  #last: T | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Who came first of those that are here. */
  get first(): T | undefined {
    return this.#first;
  }

  /** Puts an entry at the end; does nothing for one that is here. */
  add(entry: T): void {
    if (entry.links !== undefined) return;
    const last = this.#last;
    entry.links = { previous: last, next: undefined };
    if (last === undefined) this.#first = entry;
    else linksOf(last).next = entry;
    this.#last = entry;
    this.#size++;
  }

  /** Whether the entry was here. */
  remove(entry: T): boolean {
    const { links } = entry;
    if (links === undefined) return false;
    const { previous, next } = links;
    if (previous === undefined) this.#first = next;
    else linksOf(previous).next = next;
    if (next === undefined) this.#last = previous;
    else linksOf(next).previous = previous;
    // What is held by a place that has grown old would live as long as that.
    links.previous = links.next = entry.links = undefined;
    this.#size--;
    return true;
  }

  /** Those that are here now, without those that are removed before it is their turn. */
  *[Symbol.iterator](): Generator<T> {
    const entries: T[] = [];
    for (let entry = this.#first; entry !== undefined; entry = linksOf(entry).next) entries.push(entry);
    for (const entry of entries) if (entry.links !== undefined) yield entry;
  }
}

function linksOf<T extends Linked<T>>({ links }: T): Links<T> {
  return links as Links<T>;
}
