/** Something that clients may have asked to hear of. */
export type ServerChange =
  | { readonly kind: 'tools' | 'prompts' | 'resources' }
  | { readonly kind: 'resource'; readonly uri: string }
  | { readonly kind: 'task'; readonly taskId: string };

/** Carries changes to those who tell clients of them. */
export abstract class ChangeBus {
  abstract publish(change: ServerChange): void;
  /** Returns how to stop. */
  abstract subscribe(listener: (change: ServerChange) => void): () => void;
}

/** Carries changes within this process. */
export class InMemoryChangeBus extends ChangeBus {
  readonly #listeners = new Set<(change: ServerChange) => void>();

  override publish(change: ServerChange): void {
    for (const listener of this.#listeners) listener(change);
  }

  override subscribe(listener: (change: ServerChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
