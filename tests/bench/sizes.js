// What a page downloads.

import { readFileSync } from "node:fs";
import { brotliCompressSync, constants } from "node:zlib";

/** The bytes of files, raw and by brotli at its best, each compressed by itself. */
export function sizeOf(...files) {
  const size = { raw: 0, brotli: 0 };
  for (const file of files) {
    const bytes = readFileSync(file);
    const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };
    size.raw += bytes.length;
    size.brotli += brotliCompressSync(bytes, { params }).length;
  }
  return size;
}
