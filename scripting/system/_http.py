"""One question to the gateway, bounded in time and size.

Built on http.client rather than urllib, for what it does not do: it follows no redirect, which would
carry the read token to another host, and it uses no proxy, whatever HTTP_PROXY says, which would
read the token on an http connection and could not reach a gateway on this machine's loopback.
"""

import io
import socket
import time

try:
    import httplib as client
except ImportError:
    import http.client as client

from ._errors import GatewayAnswerError, GatewaySettingError, GatewayUnreachableError

# For the connection, and from the start of the question to the last byte of its answer.
TIMEOUT_SECONDS = 10
# A session is some 500 bytes, and a gateway keeps 100,000 of them at most.
MAX_ANSWER_BYTES = 64 * 1024 * 1024

_READ_BYTES = 64 * 1024
# A wall clock that is set while we wait would stretch the wait; Python 2 has no other.
_now = getattr(time, "monotonic", time.time)


class Answer(object):
    """What the gateway answered: status (an integer), header(name) (text or None), body (bytes)."""

    def __init__(self, status, header, body):
        self.status = status
        self.header = header
        self.body = body


def get(settings, path_and_query):
    """GETs it from the gateway, below its base path, with the read token.

    Raises GatewayUnreachableError and GatewayAnswerError, and GatewaySettingError for https where
    this Python has none.
    """
    deadline = _now() + TIMEOUT_SECONDS
    connection = _connection(settings)
    try:
        connection.connect()
        opened = connection.sock
        connection.sock = _DeadlineSocket(opened, deadline)
        try:
            connection.request(
                "GET",
                settings.base_path + path_and_query,
                headers={
                    "Accept": "application/json",
                    "Authorization": "Bearer " + settings.token,
                    "Connection": "close",
                    "User-Agent": "system.perspective.getSessionInfo",
                },
            )
            response = connection.getresponse()
            try:
                body = response.read(MAX_ANSWER_BYTES + 1)
                if response.length and len(body) <= MAX_ANSWER_BYTES:
                    raise client.IncompleteRead(body)
            finally:
                response.close()
        finally:
            opened.close()
    except socket.timeout:
        raise GatewayUnreachableError(
            u"The gateway at %s did not answer within %s seconds." % (settings.url, TIMEOUT_SECONDS)
        )
    except (EnvironmentError, socket.error, UnicodeError) as error:
        raise GatewayUnreachableError(
            u"The gateway at %s can not be reached (%s). Is it running, and is SESSION_GATEWAY_URL "
            u"its address?" % (settings.url, getattr(error, "strerror", None) or error)
        )
    except client.HTTPException as error:
        raise GatewayAnswerError(
            u"What answers at %s does not speak HTTP, or broke off (%s). Is SESSION_GATEWAY_URL the "
            u"gateway's address?" % (settings.url, type(error).__name__)
        )
    finally:
        connection.close()
    if len(body) > MAX_ANSWER_BYTES:
        raise GatewayAnswerError(
            u"The gateway at %s answered with more than %d bytes, the most that is read. A filter "
            u"makes the answer smaller." % (settings.url, MAX_ANSWER_BYTES)
        )
    return Answer(response.status, response.getheader, body)


def _connection(settings):
    if settings.scheme == "http":
        kind = client.HTTPConnection
    elif hasattr(client, "HTTPSConnection"):
        kind = client.HTTPSConnection
    else:
        raise GatewaySettingError(
            u"SESSION_GATEWAY_URL is an https address, and this Python has no TLS (its module ssl can "
            u"not be imported). Use another Jython or Python, or an http address."
        )
    return kind(settings.host, settings.port, timeout=TIMEOUT_SECONDS)


class _DeadlineSocket(object):
    """A connected socket whose answer must be complete by the deadline.

    A socket's own time-out starts again with every byte, so that a gateway which sends one now and
    then would keep a script forever. Whoever opened the socket closes it.
    """

    def __init__(self, opened, deadline):
        self.sendall = opened.sendall
        self._reader = _DeadlineReader(opened, deadline)

    def makefile(self, *_mode_and_size):
        return io.BufferedReader(self._reader, _READ_BYTES)

    def close(self):
        pass


class _DeadlineReader(io.RawIOBase):
    def __init__(self, opened, deadline):
        io.RawIOBase.__init__(self)
        self._socket = opened
        self._deadline = deadline

    def readable(self):
        return True

    def readinto(self, buffer):
        left = self._deadline - _now()
        if left <= 0:
            raise socket.timeout("timed out")
        self._socket.settimeout(left)
        # Jython says None to who asks again after the end.
        data = self._socket.recv(len(buffer)) or b""
        buffer[: len(data)] = data
        return len(data)
