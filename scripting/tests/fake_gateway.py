# -*- coding: utf-8 -*-
"""Gateways that answer as a test wants them to, well or badly, and a test case that asks them."""

import os
import socket
import threading
import unittest

from system import perspective

TOKEN = "read-token-Zg9!"
# Only what hangs waits so long.
PATIENCE_SECONDS = 20


def answer(body, status="200 OK", content_type="application/json", headers=()):
    """A whole HTTP answer, in bytes. body: text."""
    body = body.encode("utf-8")
    lines = ["HTTP/1.1 " + status, "Content-Type: " + content_type, "Content-Length: %d" % len(body)]
    return "\r\n".join(lines + list(headers) + ["", ""]).encode("ascii") + body


def problem(status, body):
    """A refusal in problem details (RFC 9457)."""
    return answer(body, status, "application/problem+json")


class FakeGateway(object):
    """Listens on a free port of this machine and handles one connection after the other.

    answering: the bytes to send, or a function that is given the connection. heads: the head of each
    request, as text. No connection is closed from this side before the client has closed it, unless
    answering does so: client_closed tells whether it has.
    """

    def __init__(self, answering):
        self._answering = answering
        self._listener = socket.socket()
        self._listener.bind(("127.0.0.1", 0))
        self._listener.listen(5)
        self.heads = []
        self.client_closed = threading.Event()
        self.port = self._listener.getsockname()[1]
        self.url = "http://127.0.0.1:%d" % self.port
        self._ending = False
        self._thread = threading.Thread(target=self._serve)
        self._thread.daemon = True
        self._thread.start()

    def close(self):
        self._ending = True
        socket.create_connection(("127.0.0.1", self.port)).close()
        self._thread.join(PATIENCE_SECONDS)
        self._listener.close()

    def _serve(self):
        while True:
            connection, _ = self._listener.accept()
            try:
                if self._ending:
                    return
                connection.settimeout(PATIENCE_SECONDS)
                self._handle(connection)
            except EnvironmentError:
                # The client went while we were sending.
                self.client_closed.set()
            finally:
                connection.close()

    def _handle(self, connection):
        head = b""
        # A TLS handshake (RFC 8446, section 5.1, type 22) holds no end of a head.
        while b"\r\n\r\n" not in head and not head.startswith(b"\x16"):
            received = connection.recv(65536)
            if not received:
                break
            head += received
        self.heads.append(head.decode("latin-1"))
        if callable(self._answering):
            self._answering(connection)
        else:
            connection.sendall(self._answering)
            while connection.recv(65536):
                pass
        self.client_closed.set()


class GatewayTestCase(unittest.TestCase):
    """A test with an environment of its own, in which getSessionInfo asks a FakeGateway."""

    def setUp(self):
        before = dict(os.environ)

        def restore():
            os.environ.clear()
            os.environ.update(before)

        self.addCleanup(restore)
        os.environ["SESSION_GATEWAY_READ_TOKEN"] = TOKEN

    def serve(self, answering):
        """Starts a FakeGateway and makes it the gateway to ask."""
        gateway = FakeGateway(answering)
        self.addCleanup(gateway.close)
        os.environ["SESSION_GATEWAY_URL"] = gateway.url
        return gateway

    def error(self, kind, *filters):
        """The error that getSessionInfo raises: exactly of this kind, and silent about the token."""
        try:
            result = perspective.getSessionInfo(*filters)
        except perspective.GatewayError as error:
            self.assertIs(type(error), kind, error)
            for text in (str(error), repr(error)):
                self.assertNotIn(TOKEN, text)
            return error
        self.fail("no error, but %r" % (result,))

    def raising(self, kind, pattern):
        """assertRaisesRegex by whichever name this Python has for it."""
        if hasattr(self, "assertRaisesRegex"):
            return self.assertRaisesRegex(kind, pattern)
        return self.assertRaisesRegexp(kind, pattern)

    def replace(self, module, name, value):
        """Gives module.name another value until the test ends."""
        self.addCleanup(setattr, module, name, getattr(module, name))
        setattr(module, name, value)
