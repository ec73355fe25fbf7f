"""system.perspective, as scripts in Ignition have it: here its one function getSessionInfo."""

try:
    from urllib import quote as _quote
except ImportError:
    from urllib.parse import quote as _quote

from ._adapter import PyJsonObjectAdapter
from ._answer import read_sessions as _read_sessions
from ._errors import (
    GatewayAnswerError,
    GatewayError,
    GatewayRefusedError,
    GatewaySettingError,
    GatewayUnreachableError,
)
from ._http import get as _get
from ._settings import gateway_settings as _gateway_settings

__all__ = [
    "getSessionInfo",
    "PyJsonObjectAdapter",
    "GatewayError",
    "GatewaySettingError",
    "GatewayUnreachableError",
    "GatewayRefusedError",
    "GatewayAnswerError",
]

# A traceback then shows them by the name under which a script can catch them.
for _public in (PyJsonObjectAdapter, GatewayError, GatewaySettingError, GatewayUnreachableError,
                GatewayRefusedError, GatewayAnswerError):
    _public.__module__ = __name__

_text = type(u"")


def getSessionInfo(usernameFilter=None, projectFilter=None):
    """Returns information about one or more Perspective Sessions.

    Syntax
        system.perspective.getSessionInfo([usernameFilter], [projectFilter])
        This function accepts keyword arguments.

    Parameters
        String usernameFilter - A filter based on the logged in user. [optional]
        String projectFilter - A filter based on the project name. [optional]

        None and "" match all. Any other text matches by equality, case-sensitive; given both, a
        session must match both. Under Jython a str is taken as UTF-8.

    Returns
        List - A list of objects (PyJsonObjectAdapter), the oldest session first. Keys, in this order:

        userAgent        what the browser of the page that reported last says of itself
        id               the id of the Session; any text
        username         the verified user, or "Unauthenticated"
        project          the name of the project running in the Session
        uptime           milliseconds since the Session began
        clientAddress    the address that the Session's latest report came from
        lastComm         milliseconds since the Session's latest report
        sessionScope     where the Session runs: designer, browser, iOS or Android
        activePages      how many pages are open
        recentBytesSent  the bytes that the Session last sent to the gateway
        totalBytesSent   the bytes that the Session has sent to the gateway in all
        pageIds          a list of the ids of the pages that are open; any text
        authorized       True if the user was verified

        Text is unicode under Jython, str under Python 3.

    Raises
        TypeError - A filter is neither a string nor None.
        ValueError - A str filter is no UTF-8 (Jython).
        GatewayError - There is no answer. By its subclasses: GatewaySettingError (an environment
        variable is missing or wrong), GatewayUnreachableError (nothing answers within 10 seconds),
        GatewayRefusedError (a wrong read token, say; it has status, title, detail and field),
        GatewayAnswerError (the answer is no list of sessions, or larger than 64 MiB).

    Environment
        SESSION_GATEWAY_URL says which gateway, http://127.0.0.1:8188 unless set.
        SESSION_GATEWAY_READ_TOKEN is its read token.

    Code Example
        sessions = system.perspective.getSessionInfo("billy", projectFilter="MyProject")
        for session in sessions:
            print("%s has %d pages open" % (session["id"], session["activePages"]))
    """
    filters = [
        ("username", _filter_text("usernameFilter", usernameFilter)),
        ("project", _filter_text("projectFilter", projectFilter)),
    ]
    query = "&".join(
        "%s=%s" % (name, _quote(text.encode("utf-8"), safe="")) for name, text in filters if text
    )
    settings = _gateway_settings()
    return _read_sessions(settings, _get(settings, "/v1/sessions" + (query and "?" + query)))


def _filter_text(argument, value):
    """The filter as text; "" for one that matches all."""
    if value is None:
        return u""
    if str is bytes and isinstance(value, str):
        try:
            value = value.decode("utf-8")
        except UnicodeDecodeError:
            raise ValueError("getSessionInfo: %s is a str that is no UTF-8" % argument)
    if not isinstance(value, _text):
        raise TypeError(
            "getSessionInfo: %s must be a string or None, not %s" % (argument, type(value).__name__)
        )
    if str is not bytes:
        # A lone surrogate is no text; Jython has none. Browsers send U+FFFD in its place, so that is
        # what the gateway knows.
        value = value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return value
