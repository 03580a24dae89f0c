import { sha256 } from "../common/base64url.js";

const BLOCK = 1 << 20;

/**
 * The digest of a file of any length, of which one block is held: browsers digest no stream, so it
 * is the SHA-256 of the SHA-256 of each block of 1 MiB.
 */
export class FileDigest {
  readonly #block = new Uint8Array(BLOCK);
  #filled = 0;
  readonly #digests: Uint8Array<ArrayBuffer>[] = [];

  async push(bytes: Uint8Array): Promise<void> {
    for (let from = 0; from < bytes.length; ) {
      const piece = bytes.subarray(from, from + BLOCK - this.#filled);
      this.#block.set(piece, this.#filled);
      this.#filled += piece.length;
      from += piece.length;
      if (this.#filled === BLOCK) await this.#end();
    }
  }

  /** Returns the digest as base64url. */
  async finish(): Promise<string> {
    await this.#end();
    const all = new Uint8Array(32 * this.#digests.length);
    this.#digests.forEach((digest, index) => all.set(digest, 32 * index));
    return sha256(all);
  }

  async #end(): Promise<void> {
    const digest = await crypto.subtle.digest("SHA-256", this.#block.subarray(0, this.#filled));
    this.#digests.push(new Uint8Array(digest));
    this.#filled = 0;
  }
}
