/** A browser of the user's own session, started directly on this machine, with Postern's extension in it. */
export interface OwnBrowser extends AsyncDisposable {
  open(page: string): Promise<void>;
  /** What a person does to have the page filled. */
  askToFill(): Promise<void>;
  /** What the extension says is wrong, with its hint; undefined while it says nothing. */
  complaint(): Promise<string | undefined>;
  /** What the page's own fields hold. */
  fields(): Promise<unknown>;
}

/** In the page. */
export const READ_FIELDS = "[...document.querySelectorAll('input')].map((input) => input.value)";
