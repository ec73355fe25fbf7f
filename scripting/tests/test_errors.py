# -*- coding: utf-8 -*-
"""What getSessionInfo raises: each message says what is wrong, and none says the token."""

import json
import os
import pickle
import socket

from fake_gateway import PATIENCE_SECONDS, TOKEN, FakeGateway, GatewayTestCase, answer, problem
from system import _http, perspective
from system._settings import gateway_settings
from system.perspective import (
    GatewayAnswerError,
    GatewayError,
    GatewayRefusedError,
    GatewaySettingError,
    GatewayUnreachableError,
)


class ASetting(GatewayTestCase):
    def test_of_an_address_that_is_none_is_refused_without_repeating_it(self):
        for url in (
            "127.0.0.1:8188", "ftp://127.0.0.1", "http://", "http:///v1", "http://a:0", "http://a:65536",
            "http://a:x", "http://a b", "http://a/\r\nX: y", "http://user:secret@a",
            "http://a/?token=secret", "http://a/designer/#token=secret", "http://[::1",
            "http://\xcf\x80",
        ):
            os.environ["SESSION_GATEWAY_URL"] = url
            error = self.error(GatewaySettingError)
            self.assertIn("SESSION_GATEWAY_URL is no address of a gateway", str(error))
            self.assertNotIn("secret", str(error))

    def test_of_an_address_is_read_in_all_its_forms(self):
        for address, host, port, url in (
            ("http://plant.example", "plant.example", 80, "http://plant.example:80"),
            ("HTTPS://Plant_1/a%20b/", "Plant_1", 443, "https://Plant_1:443/a%20b"),
            ("http://[::1]:8188/", "::1", 8188, "http://[::1]:8188"),
            ("", "127.0.0.1", 8188, "http://127.0.0.1:8188"),
        ):
            os.environ["SESSION_GATEWAY_URL"] = address
            settings = gateway_settings()
            self.assertEqual((settings.host, settings.port, settings.url), (host, port, url))

    def test_of_no_read_token_is_refused(self):
        for token in ("", " \r\n"):
            os.environ["SESSION_GATEWAY_READ_TOKEN"] = token
            self.assertIn("SESSION_GATEWAY_READ_TOKEN is not set", str(self.error(GatewaySettingError)))
        del os.environ["SESSION_GATEWAY_READ_TOKEN"]
        self.assertIn("SESSION_GATEWAY_READ_TOKEN is not set", str(self.error(GatewaySettingError)))

    def test_of_a_token_that_would_break_its_header_is_refused_and_not_sent(self):
        gateway = self.serve(answer(u"[]"))
        for between in ("\r\nX-Injected: ", "\n", " ", "\t", "\xc3\xa9"):
            os.environ["SESSION_GATEWAY_READ_TOKEN"] = TOKEN + between + TOKEN
            error = self.error(GatewaySettingError)
            self.assertIn("SESSION_GATEWAY_READ_TOKEN holds a space", str(error))
        self.assertEqual(gateway.heads, [])

    def test_of_https_needs_tls_in_python_and_at_the_gateway(self):
        gateway = self.serve(lambda connection: connection.close())
        os.environ["SESSION_GATEWAY_URL"] = gateway.url.replace("http:", "https:")
        if hasattr(_http.client, "HTTPSConnection"):
            self.error(GatewayUnreachableError)
        else:
            self.assertIn("this Python has no TLS", str(self.error(GatewaySettingError)))


class AnUnreachableGateway(GatewayTestCase):
    def test_that_is_not_running_is_named_by_its_address(self):
        # Nobody listens at port 1 (tcpmux) any more.
        os.environ["SESSION_GATEWAY_URL"] = "http://127.0.0.1:1/base/"
        error = str(self.error(GatewayUnreachableError))
        self.assertIn("The gateway at http://127.0.0.1:1/base can not be reached (", error)
        self.assertIn("refused", error)

    def test_that_says_nothing_is_given_up(self):
        self.gives_up(b"")

    def test_that_drips_its_head_is_given_up(self):
        self.gives_up(b"HTTP/1.1 200 OK\r\nX: ")

    def test_that_drips_its_body_is_given_up(self):
        self.gives_up(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n[")

    def gives_up(self, beginning):
        def dripping(connection):
            connection.sendall(beginning)
            connection.settimeout(0.05)
            while True:
                try:
                    if not connection.recv(1):
                        return
                except socket.timeout:
                    if beginning:
                        connection.sendall(b" ")

        self.replace(_http, "TIMEOUT_SECONDS", 0.5)
        gateway = self.serve(dripping)
        self.assertIn("did not answer within 0.5 seconds", str(self.error(GatewayUnreachableError)))
        self.assertTrue(gateway.client_closed.wait(PATIENCE_SECONDS))

    def test_waits_ten_seconds(self):
        self.assertEqual(_http.TIMEOUT_SECONDS, 10)


class ARefusal(GatewayTestCase):
    def refusal(self, *of):
        self.serve(problem(*of))
        return self.error(GatewayRefusedError)

    def test_of_the_token_says_what_to_set(self):
        error = self.refusal(
            "401 Unauthorized",
            u'{"title":"Unauthorized","detail":"this is not the read token","field":"Authorization"}',
        )
        self.assertIn("refused (401 Unauthorized): Unauthorized: this is not the read token", str(error))
        self.assertIn("[field: Authorization]", str(error))
        self.assertIn("SESSION_GATEWAY_READ_TOKEN must be this gateway's read token", str(error))

    def test_carries_what_the_problem_details_say(self):
        error = self.refusal(
            "400 Bad Request", u'{"title":"Bad Request","detail":"\u03c0?","field":"username"}'
        )
        self.assertEqual(
            (error.status, error.title, error.detail, error.field),
            (400, "Bad Request", u"\u03c0?", "username"),
        )
        shown = str(error).decode("utf-8") if str is bytes else str(error)
        self.assertIn(u"Bad Request: \u03c0? [field: username]", shown)
        self.assertNotIn("READ_TOKEN", shown)

    def test_of_any_form_is_still_a_refusal(self):
        for body in (u"", u"no", u"[]", u"{}", u'{"title":5,"detail":["x"],"field":null}'):
            error = self.refusal("500 Internal Server Error", body)
            self.assertEqual((error.status, error.title, error.field), (500, None, None))
            self.assertIn("refused (500 Internal Server Error): it gave no reason", str(error))

    def test_by_a_proxy_says_so(self):
        self.serve(answer(u"<h1>Bad gateway</h1>", "502 Bad Gateway", "text/html"))
        error = self.error(GatewayRefusedError)
        self.assertIn("its answer is text/html", str(error))
        self.assertIn("something else than a gateway may have answered", str(error))

    def test_that_repeats_the_token_is_shown_without_it(self):
        error = self.refusal("400 Bad Request", u'{"detail":"you sent Bearer %s"}' % TOKEN)
        self.assertEqual(error.detail, "you sent Bearer [read token]")

    def test_can_not_forge_lines_nor_flood_the_terminal(self):
        detail = u"one\r\ntwo\x1b[31m\u202e\x00" + u"x" * 100000
        error = self.refusal("400 Bad Request", u'{"detail":%s}' % json.dumps(detail))
        self.assertTrue(error.detail.startswith(u"one two [31m x"))
        self.assertLess(len(error.detail), 400)
        self.assertEqual(len(str(error).splitlines()), 1)


class AnError(GatewayTestCase):
    def test_can_be_pickled_for_another_process(self):
        self.serve(problem("401 Unauthorized", u'{"title":"No","field":"Authorization"}'))
        error = self.error(GatewayRefusedError)
        other = pickle.loads(pickle.dumps(error))
        self.assertEqual((str(other), vars(other)), (str(error), vars(error)))
        self.assertIs(type(other), GatewayRefusedError)


class AnAnswer(GatewayTestCase):
    def test_that_is_no_list_of_sessions_is_refused(self):
        for body in (
            u"<!doctype html>", u"", u"{}", u'{"items":[]}', u"null", u"[1]", u'["a"]', u"[{}", u"[NaN]",
            u'[{"uptime":%s}]' % (u"9" * 5000), u"[" * 100000, u"\ufeff[]",
        ):
            self.serve(answer(body))
            error = str(self.error(GatewayAnswerError))
            self.assertIn("(status 200, application/json) is no list of sessions in JSON", error)

    def test_that_is_no_utf8_is_refused(self):
        self.serve(b'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n[{"\xff":1}]')
        self.assertIn("of no declared type", str(self.error(GatewayAnswerError)))

    def test_that_redirects_is_not_followed(self):
        elsewhere = FakeGateway(answer(u"[]"))
        self.addCleanup(elsewhere.close)
        for status in ("301 Moved Permanently", "302 Found", "307 Temporary Redirect"):
            gateway = self.serve(
                answer(u"", status, headers=["Location: %s/?t=%s" % (elsewhere.url, TOKEN)])
            )
            error = str(self.error(GatewayAnswerError))
            self.assertIn("%s sends on to %s/?t=[read token]" % (gateway.url, elsewhere.url), error)
            self.assertIn("(status %s)" % status[:3], error)
        self.assertEqual(elsewhere.heads, [])

    def test_that_redirects_nowhere_is_refused(self):
        self.serve(answer(u"", "302 Found"))
        self.assertIn("sends on to nowhere", str(self.error(GatewayAnswerError)))

    def test_up_to_the_limit_is_read_and_a_larger_one_is_not(self):
        self.assertEqual(_http.MAX_ANSWER_BYTES, 64 * 1024 * 1024)
        self.replace(_http, "MAX_ANSWER_BYTES", 1000)
        self.serve(answer(u"[" + u" " * 998 + u"]"))
        self.assertEqual(perspective.getSessionInfo(), [])
        self.serve(answer(u"[" + u" " * 999 + u"]"))
        self.assertIn("more than 1000 bytes", str(self.error(GatewayAnswerError)))

    def test_without_an_end_is_not_read_to_it(self):
        def endless(connection):
            connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            while True:
                connection.sendall(b"1000\r\n" + b" " * 4096 + b"\r\n")

        self.replace(_http, "MAX_ANSWER_BYTES", 100000)
        gateway = self.serve(endless)
        self.assertIn("more than 100000 bytes", str(self.error(GatewayAnswerError)))
        self.assertTrue(gateway.client_closed.wait(PATIENCE_SECONDS))

    def test_that_breaks_off_is_refused(self):
        for sent in (
            b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n[]",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n[]",
        ):
            self.serve(lambda connection, sent=sent: connection.sendall(sent))
            self.assertIn("broke off (IncompleteRead)", str(self.error(GatewayAnswerError)))

    def test_of_something_that_speaks_no_http_is_an_error(self):
        for sent in (b"", b"SSH-2.0-OpenSSH\r\n", b"\0\1\2", b"HTTP/1.1 x\r\n\r\n"):
            self.serve(lambda connection, sent=sent: connection.sendall(sent))
            self.assertRaises(GatewayError, perspective.getSessionInfo)

    def test_in_chunks_or_of_no_declared_length_is_read(self):
        for sent in (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n[\r\n1\r\n]\r\n0\r\n\r\n",
            b"HTTP/1.0 200 OK\r\n\r\n[]",
            b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n[]",
        ):
            self.serve(lambda connection, sent=sent: connection.sendall(sent))
            self.assertEqual(perspective.getSessionInfo(), [])
