"""The gateway's answer, read and checked. Whatever it holds can be wrong or hostile."""

import json
import re

try:
    from httplib import responses as reasons
except ImportError:
    from http.client import responses as reasons

from ._adapter import PyJsonObjectAdapter
from ._errors import GatewayAnswerError, GatewayRefusedError

# The most of a text from outside that a message repeats, in characters.
_MAX_QUOTED = 300
# Control characters and what turns the direction of text: they could forge lines on a terminal.
_UNPRINTABLE = re.compile(u"[\x00-\x20\x7f-\xa0\u2028-\u202e\u2066-\u2069]+")
# Python 3's own limit; without one, reading an integer takes time that grows with its square.
_MAX_DIGITS = 4300


def read_sessions(settings, answer):
    """The list of PyJsonObjectAdapter in the answer.

    Raises GatewayRefusedError when the gateway says that something is wrong, GatewayAnswerError when
    the answer is nothing that a gateway says.
    """
    if answer.status >= 400:
        raise _refusal(settings, answer)
    if answer.status >= 300:
        raise GatewayAnswerError(
            u"%s sends on to %s (status %d). It was not followed, since the read token would go there "
            u"too: SESSION_GATEWAY_URL must be the gateway's final address."
            % (settings.url, _quoted(settings, answer.header("Location")) or u"nowhere", answer.status)
        )
    sessions = _parsed(answer.body)
    if not isinstance(sessions, list) or not all(
        isinstance(session, PyJsonObjectAdapter) for session in sessions
    ):
        raise GatewayAnswerError(
            u"What answers at %s (status %d, %s) is no list of sessions in JSON. Is SESSION_GATEWAY_URL "
            u"the gateway's address, and no proxy in between?"
            % (settings.url, answer.status, _content_type(settings, answer))
        )
    return sessions


def _refusal(settings, answer):
    problem = _parsed(answer.body)
    if not isinstance(problem, PyJsonObjectAdapter):
        problem = {}
    title, detail, field = [
        _quoted(settings, problem.get(name)) for name in ("title", "detail", "field")
    ]
    said = u": ".join(text for text in (title, detail) if text)
    if not said:
        said = (
            u"it gave no reason that can be read (its answer is %s); something else than a gateway may "
            u"have answered" % _content_type(settings, answer)
        )
    message = u"The gateway at %s refused (%d %s): %s" % (
        settings.url, answer.status, reasons.get(answer.status, u"no known status"), said,
    )
    if field:
        message += u" [field: %s]" % field
    if answer.status == 401:
        message += u" SESSION_GATEWAY_READ_TOKEN must be this gateway's read token."
    return GatewayRefusedError(message, answer.status, title, detail, field)


def _parsed(body):
    """What the JSON holds; None when it is no JSON."""
    try:
        return json.loads(
            body.decode("utf-8"),
            object_pairs_hook=PyJsonObjectAdapter,
            parse_int=_integer,
            parse_constant=_no_constant,
        )
    # Python says RuntimeError, or its child RecursionError, to a thousand brackets.
    except (ValueError, RuntimeError):
        return None


def _integer(digits):
    if len(digits) > _MAX_DIGITS:
        raise ValueError("an integer of more than %d digits" % _MAX_DIGITS)
    return int(digits)


def _no_constant(name):
    raise ValueError("%s is no JSON" % name)


def _content_type(settings, answer):
    return _quoted(settings, answer.header("Content-Type")) or u"of no declared type"


def _quoted(settings, text):
    """Text from outside, safe to show in a message; None when it is no text."""
    if isinstance(text, bytes):
        text = text.decode("latin-1")
    if not isinstance(text, type(u"")):
        return None
    # A hostile or talkative server may repeat the token that it was sent.
    text = _UNPRINTABLE.sub(u" ", text.replace(settings.token, u"[read token]")).strip()
    return text if len(text) <= _MAX_QUOTED else text[:_MAX_QUOTED] + u"\u2026"
