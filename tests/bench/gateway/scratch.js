// A folder for files that are gone when the benchmark ends.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

const FOLDER = mkdtempSync(path.join(tmpdir(), "bench-gateway-"));
process.on("exit", () => rmSync(FOLDER, { recursive: true, force: true }));

/** A new folder in it. */
export const newFolder = () => mkdtempSync(path.join(FOLDER, "part-"));
