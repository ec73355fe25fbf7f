// The gateway against its own OpenAPI document: Schemathesis makes up requests, good ones and bad ones, and no answer
// may be of a status, a type or a form that the document does not have, or an error of the server's.

import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";

import { Gateway } from "../e2e/support/gateway.js";

const CHECKS = [
  "not_a_server_error",
  "status_code_conformance",
  "content_type_conformance",
  "response_headers_conformance",
  "response_schema_conformance",
];

const gateway = await Gateway.start();
try {
  const schemathesis = spawn(
    process.env.SCHEMATHESIS,
    [
      "run",
      gateway.url("/openapi.json"),
      ...["--header", `Authorization: Bearer ${gateway.readToken}`],
      ...["--checks", CHECKS.join(",")],
      // An answer without an end.
      ...["--exclude-path", "/v1/events"],
      ...["--max-examples", "50"],
    ],
    // What it remembers stays with it.
    { cwd: path.dirname(process.env.SCHEMATHESIS), stdio: "inherit" },
  );
  const [code] = await once(schemathesis, "exit");
  process.exitCode = code ?? 1;
} finally {
  await gateway.kill();
}
