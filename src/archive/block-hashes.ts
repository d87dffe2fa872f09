import { hash } from "node:crypto";

/** Plain bytes of the blocks of a big file's content, but for its last piece. */
export const bigBlockSize = 1024 * 1024;
/** Bytes of the pieces of such a block that are told apart: what is written under hold where one byte has changed. */
export const pieceSize = 64 * 1024;
/** A piece's hash is the first 16 bytes of its SHA-256: 256 bytes a MiB are kept in memory. */
const hashSize = 16;
const piecesInBlock = bigBlockSize / pieceSize;
const blockHashesSize = piecesInBlock * hashSize;
/** Has a bit for each piece of a block. */
export const allPieces = 2 ** piecesInBlock - 1;

/** Pieces of a block that have changed: a bit for each in `mask`, and their bytes one after another. */
export interface Patch {
  mask: number;
  bytes: Uint8Array;
}

/** A piece's hash. */
function hashPiece(piece: Uint8Array): Buffer {
  return hash("sha256", piece, "buffer").subarray(0, hashSize);
}

/** The pieces of a whole block that are not what they were, as a mask. `hashes` are those of all blocks. */
export function changedPieces(block: Uint8Array, hashes: Uint8Array, number: number): number {
  let mask = 0;
  for (let piece = 0; piece < piecesInBlock; piece += 1) {
    const from = number * blockHashesSize + piece * hashSize;
    const now = hashPiece(block.subarray(piece * pieceSize, (piece + 1) * pieceSize));
    if (Buffer.compare(now, hashes.subarray(from, from + hashSize)) !== 0) mask |= 1 << piece;
  }
  return mask;
}

/** The numbers of the pieces in a mask. */
export function piecesOf(mask: number): number[] {
  return Array.from({ length: piecesInBlock }, (_, piece) => piece).filter((piece) => (mask & (1 << piece)) !== 0);
}

/** The hashes of the pieces of blocks of big files' content, by the blocks' numbers, for the passes that follow. */
export class BlockHashes {
  #bytes = Buffer.alloc(64 * blockHashesSize);
  #used = 0;

  /** Of a whole block. */
  add(block: number, content: Uint8Array): void {
    this.#setPieces(block, allPieces, content);
  }

  /** Of a block that is as an earlier one was, but for the patch, if there is one. */
  addLike(block: number, earlier: number, patch: Patch | null): void {
    this.#reserve(block);
    this.#bytes.copyWithin(block * blockHashesSize, earlier * blockHashesSize, (earlier + 1) * blockHashesSize);
    if (patch !== null) this.#setPieces(block, patch.mask, patch.bytes);
  }

  /** All as they are now, in memory that other threads can see; zeros for blocks that have none. */
  share(): Uint8Array<SharedArrayBuffer> {
    const shared = new Uint8Array(new SharedArrayBuffer(this.#used));
    shared.set(this.#bytes.subarray(0, this.#used));
    return shared;
  }

  #setPieces(block: number, mask: number, bytes: Uint8Array): void {
    this.#reserve(block);
    for (const [at, piece] of piecesOf(mask).entries()) {
      const hashed = hashPiece(bytes.subarray(at * pieceSize, (at + 1) * pieceSize));
      this.#bytes.set(hashed, block * blockHashesSize + piece * hashSize);
    }
  }

  #reserve(block: number): void {
    const end = (block + 1) * blockHashesSize;
    if (end > this.#bytes.length) {
      const bigger = Buffer.alloc(Math.max(end, this.#bytes.length * 2));
      this.#bytes.copy(bigger, 0, 0, this.#used);
      this.#bytes = bigger;
    }
    this.#used = Math.max(this.#used, end);
  }
}
