// What tells a gateway who the user is.

import { createHmac } from "node:crypto";

/** An identity token (RFC 7519) for an hour, signed with the gateway's secret. */
export function tokenOf(user, secret) {
  const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
  const claims = { preferred_username: user, exp: Math.floor(Date.now() / 1000) + 3600 };
  const signed = `${part({ alg: "HS256", typ: "JWT" })}.${part(claims)}`;
  return `${signed}.${createHmac("sha256", secret).update(signed).digest("base64url")}`;
}
