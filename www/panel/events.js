// Server-sent events (HTML standard, section 9.2.6), read by fetch, since the token stands in a header: as far as the
// gateway writes them, where `event` comes before `data`, and data is JSON. Data is handed on as it comes, in pieces:
// a snapshot can be large.

const NEWLINE = 10;

export class Events {
  #line = "";
  #name = "";
  #inData = false;
  #begun = false;

  /** @param {{ begin(name: string): void, data(piece: Uint8Array): void, end(): void, retry(ms: number): void }} to */
  constructor(to) {
    this.to = to;
  }

  push(piece) {
    for (let at = 0; at < piece.length; ) {
      if (this.#inData) {
        const end = piece.indexOf(NEWLINE, at);
        this.to.data(piece.subarray(at, end < 0 ? piece.length : end));
        if (end < 0) return;
        this.#inData = false;
        at = end + 1;
        continue;
      }
      const byte = piece[at++];
      if (byte === NEWLINE) {
        this.#field(this.#line.trim());
        this.#line = "";
      } else {
        this.#line += String.fromCharCode(byte);
        if (this.#line === "data:") {
          if (!this.#begun) this.to.begin(this.#name);
          this.#begun = this.#inData = true;
          this.#line = "";
        }
      }
    }
  }

  #field(line) {
    const [, name, value] = /^(\w+): ?(.*)/.exec(line) ?? [];
    if (name === "event") this.#name = value;
    if (name === "retry" && /^\d+$/.test(value)) this.to.retry(Number(value));
    if (line !== "") return;
    if (this.#begun) this.to.end();
    this.#begun = false;
    this.#name = "";
  }
}
