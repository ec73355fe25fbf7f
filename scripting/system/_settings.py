"""Which gateway to ask, and with which token: two environment variables.

SESSION_GATEWAY_URL         the gateway's address, with a base path where it has one;
                            http://127.0.0.1:8188 unless set
SESSION_GATEWAY_READ_TOKEN  the gateway's read token

Both are read at every call, so that a script can set them in os.environ.
"""

import os
import re

from ._errors import GatewaySettingError

DEFAULT_URL = "http://127.0.0.1:8188"

_URL = re.compile(
    r"(?P<scheme>https?)://"
    r"(?:\[(?P<ipv6>[0-9a-f:.]+)\]|(?P<name>[0-9a-z._-]+))(?::(?P<port>[0-9]{1,5}))?"
    # Any printable ASCII but what begins a query or a fragment.
    r"(?P<path>/[!\"$->@-~]*)?\Z",
    re.IGNORECASE,
)
# What RFC 9110 lets stand in a header's value without space: nothing here can begin a second header.
_TOKEN = re.compile(r"[!-~]+\Z")


class GatewaySettings(object):
    """The gateway to ask.

    scheme: "http" or "https"; host: a name or an address, one of IPv6 without brackets; port: 1 to
    65535; base_path: "" or a path without a slash at its end; token: fit for a header.
    """

    def __init__(self, scheme, host, port, base_path, token):
        self.scheme = scheme
        self.host = host
        self.port = port
        self.base_path = base_path
        self.token = token

    @property
    def url(self):
        """The gateway's address for messages. It can hold no secret: _URL leaves no place for one."""
        host = "[%s]" % self.host if ":" in self.host else self.host
        return "%s://%s:%d%s" % (self.scheme, host, self.port, self.base_path)


def gateway_settings():
    """Reads the two environment variables; raises GatewaySettingError.

    Messages do not repeat what a variable holds: someone may have put the panel's link, with the
    token in it, where the address belongs.
    """
    url = _URL.match(_setting("SESSION_GATEWAY_URL") or DEFAULT_URL)
    scheme = url and url.group("scheme").lower()
    port = url and int(url.group("port") or (443 if scheme == "https" else 80))
    if not url or not 1 <= port <= 65535:
        raise GatewaySettingError(
            "SESSION_GATEWAY_URL is no address of a gateway: it must be http:// or https://, a host, "
            "and where needed a port and a base path, like %s or https://plant.example/sessions. "
            "No user name, query, fragment, space or non-ASCII letter can be in it." % DEFAULT_URL
        )
    token = _setting("SESSION_GATEWAY_READ_TOKEN")
    if not token:
        raise GatewaySettingError(
            "SESSION_GATEWAY_READ_TOKEN is not set: it must be the gateway's read token, which the "
            'gateway prints when it starts, behind "#token=" in the link to the designer panel.'
        )
    if not _TOKEN.match(token):
        raise GatewaySettingError(
            "SESSION_GATEWAY_READ_TOKEN holds a space, a line break or a non-ASCII character within "
            "it, which no read token has: is there more in it than the token?"
        )
    host = url.group("ipv6") or url.group("name")
    base_path = (url.group("path") or "").rstrip("/")
    return GatewaySettings(scheme, host, port, base_path, token)


def _setting(name):
    # A value that was read from a file ends with a line break.
    return os.environ.get(name, "").strip()
