# -*- coding: utf-8 -*-
"""What getSessionInfo asks the gateway."""

import os

from fake_gateway import TOKEN, FakeGateway, GatewayTestCase, answer
from system import perspective

NOTHING = answer(u"[]")


class TheQuestion(GatewayTestCase):
    def asked(self, *filters, **named):
        """What the request line asks for."""
        gateway = self.serve(NOTHING)
        self.assertEqual(perspective.getSessionInfo(*filters, **named), [])
        (head,) = gateway.heads
        method, target, version = head.split("\r\n")[0].split(" ")
        self.assertEqual((method, version), ("GET", "HTTP/1.1"))
        return target

    def headers(self, gateway):
        (head,) = gateway.heads
        lines = head.split("\r\n\r\n")[0].split("\r\n")[1:]
        return dict((line.lower().split(": ")[0], line.split(": ", 1)[1]) for line in lines)

    def test_is_for_all_sessions_unless_filtered(self):
        for filters in ((), (None,), (None, None), ("", ""), (u"", None)):
            self.assertEqual(self.asked(*filters), "/v1/sessions")

    def test_takes_the_filters_by_position_and_by_keyword(self):
        both = "/v1/sessions?username=billy&project=MyProject"
        self.assertEqual(self.asked("billy"), "/v1/sessions?username=billy")
        self.assertEqual(self.asked("billy", u"MyProject"), both)
        self.assertEqual(self.asked(projectFilter="MyProject"), "/v1/sessions?project=MyProject")
        self.assertEqual(self.asked("billy", projectFilter="MyProject"), both)
        self.assertEqual(self.asked(projectFilter="MyProject", usernameFilter="billy"), both)

    def test_carries_any_text_as_percent_encoded_utf8(self):
        for text, encoded in (
            (u"a b", "a%20b"),
            (u"a/b", "a%2Fb"),
            (u"&=+%#?", "%26%3D%2B%25%23%3F"),
            (u"\"'", "%22%27"),
            (u"\u03c0", "%CF%80"),
            (u"\U0001f600", "%F0%9F%98%80"),
            (u"\r\nX: y\0", "%0D%0AX%3A%20y%00"),
        ):
            self.assertEqual(self.asked(text), "/v1/sessions?username=" + encoded)

    def test_takes_a_str_of_jython_as_utf8_and_no_bytes_of_python_3(self):
        encoded = u"\u03c0".encode("utf-8")
        if str is bytes:
            self.assertEqual(self.asked(encoded), "/v1/sessions?username=%CF%80")
            with self.raising(ValueError, "projectFilter is a str that is no UTF-8"):
                perspective.getSessionInfo(projectFilter=b"\xff")
        else:
            with self.raising(TypeError, "projectFilter must be .* not bytes"):
                perspective.getSessionInfo(projectFilter=encoded)

    def test_has_the_replacement_character_for_a_lone_surrogate(self):
        if str is bytes:
            # Jython has no such text.
            self.assertRaises(ValueError, unichr, 0xD800)  # noqa: F821
        else:
            for text, encoded in (("a\ud800b", "a%EF%BF%BDb"), ("\udc00\ud800", "%EF%BF%BD" * 2)):
                self.assertEqual(self.asked(text), "/v1/sessions?username=" + encoded)
            self.assertEqual(self.asked("\ud83d\ude00"), "/v1/sessions?username=%F0%9F%98%80")

    def test_is_not_sent_with_a_filter_that_is_no_text(self):
        gateway = self.serve(NOTHING)
        for value, name in ((5, "int"), (True, "bool"), (["billy"], "list"), ({}, "dict")):
            for argument in ("usernameFilter", "projectFilter"):
                with self.raising(TypeError, "%s must be .*, not %s" % (argument, name)):
                    perspective.getSessionInfo(**{argument: value})
        self.assertRaises(TypeError, perspective.getSessionInfo, "a", "b", "c")
        self.assertRaises(TypeError, perspective.getSessionInfo, userFilter="a")
        self.assertEqual(gateway.heads, [])

    def test_carries_the_read_token_in_a_header_and_names_the_host(self):
        gateway = self.serve(NOTHING)
        perspective.getSessionInfo()
        headers = self.headers(gateway)
        self.assertEqual(headers["authorization"], "Bearer " + TOKEN)
        self.assertEqual(headers["host"], "127.0.0.1:%d" % gateway.port)
        self.assertEqual(headers["accept"], "application/json")

    def test_carries_a_token_from_a_file_without_its_line_break(self):
        os.environ["SESSION_GATEWAY_READ_TOKEN"] = " %s\r\n" % TOKEN
        gateway = self.serve(NOTHING)
        perspective.getSessionInfo()
        self.assertEqual(self.headers(gateway)["authorization"], "Bearer " + TOKEN)

    def test_goes_below_the_gateways_base_path(self):
        gateway = self.serve(NOTHING)
        for base_path, target in (("/", ""), ("/plant/a%20b", "/plant/a%20b"), ("/plant//", "/plant")):
            os.environ["SESSION_GATEWAY_URL"] = " %s%s\n" % (gateway.url, base_path)
            perspective.getSessionInfo()
            self.assertEqual(gateway.heads.pop().split(" ")[1], target + "/v1/sessions")

    def test_goes_to_no_proxy(self):
        proxy = FakeGateway(NOTHING)
        self.addCleanup(proxy.close)
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            os.environ[name] = proxy.url
        gateway = self.serve(NOTHING)
        perspective.getSessionInfo()
        self.assertEqual((len(gateway.heads), proxy.heads), (1, []))

    def test_leaves_no_connection_open(self):
        for answering in (NOTHING, answer(u"no", "502 Bad Gateway"), answer(u"", "302 Found")):
            gateway = self.serve(answering)
            try:
                perspective.getSessionInfo()
            except perspective.GatewayError:
                pass
            self.assertTrue(gateway.client_closed.wait(10))
