"""The real gateway, started for a test, and what pages would tell it."""

import base64
import hashlib
import hmac
import json
import os
import re
import subprocess
import time

from system._http import client

REPOSITORY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BINARY = os.environ.get("SESSION_GATEWAY_BIN") or os.path.join(
    REPOSITORY, "target", "debug", "session-gateway"
)
READ_TOKEN = "the-read-token-of-this-test"
IDENTITY_SECRET = "the-identity-secret-of-this-test"


class RealGateway(object):
    """A running gateway. url: its address."""

    def __init__(self):
        if not os.path.isfile(BINARY):
            raise AssertionError(
                "There is no gateway at %s: build it with `cargo build -p session-gateway`, or let "
                "SESSION_GATEWAY_BIN name another." % BINARY
            )
        self._process = subprocess.Popen(
            [BINARY, "--listen", "127.0.0.1:0", "--read-token", READ_TOKEN]
            + ["--identity-secret", IDENTITY_SECRET],
            stdout=subprocess.PIPE,
        )
        line = self._process.stdout.readline().decode("utf-8")
        announced = re.search(r"listening on (http://127\.0\.0\.1:([0-9]+))\s*$", line)
        if not announced:
            self.close()
            raise AssertionError("The gateway did not say where it listens, but %r" % line)
        self.url = announced.group(1)
        self._port = int(announced.group(2))

    def close(self):
        self._process.terminate()
        self._process.wait()
        self._process.stdout.close()

    def report(self, **changes):
        """POSTs a page's report, by default of a page that is open; returns the gateway's answer."""
        report = {
            "v": 1, "project": "MyProject", "sessionId": "s", "key": "0" * 32, "token": None,
            "pageId": "2bf737f8", "load": "l", "seq": 1, "leaseMs": 600000, "closing": False,
            "scope": "browser", "userAgent": "Mozilla/5.0", "path": "/", "visible": True,
            "sent": {"webSocket": 1, "fetch": 20, "xhr": 300, "beacon": 4000},
            "received": {"webSocket": 0, "http": 0},
            "recentSent": 300, "recentAgeMs": 5, "unmeasured": 0,
        }
        report.update(changes)
        connection = client.HTTPConnection("127.0.0.1", self._port, timeout=10)
        try:
            connection.request("POST", "/v1/report", json.dumps(report).encode("ascii"))
            response = connection.getresponse()
            body = response.read().decode("utf-8")
        finally:
            connection.close()
        if response.status != 200:
            raise AssertionError("The gateway refused a report (%d): %s" % (response.status, body))
        return json.loads(body)


def identity_token(user):
    """A JWT (RFC 7519) that names the user, signed with HS256, for the next ten minutes."""
    claims = {"preferred_username": user, "exp": int(time.time()) + 600}
    signed = b".".join(_encoded(json.dumps(part)) for part in ({"alg": "HS256", "typ": "JWT"}, claims))
    signature = hmac.new(IDENTITY_SECRET.encode("ascii"), signed, hashlib.sha256).digest()
    return (signed + b"." + base64.urlsafe_b64encode(signature).rstrip(b"=")).decode("ascii")


def _encoded(text):
    return base64.urlsafe_b64encode(text.encode("utf-8")).rstrip(b"=")
