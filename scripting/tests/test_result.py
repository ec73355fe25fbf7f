# -*- coding: utf-8 -*-
"""What getSessionInfo returns."""

import copy
import json

from fake_gateway import GatewayTestCase, answer
from system import perspective

KEYS = [
    "userAgent", "id", "username", "project", "uptime", "clientAddress", "lastComm", "sessionScope",
    "activePages", "recentBytesSent", "totalBytesSent", "pageIds", "authorized",
]
SESSION = (
    u'{"userAgent":"Mozilla/5.0","id":"a b/c","username":"b\u00edlly \u03c0 \U0001f600",'
    u'"project":"My \\"Project\\"\\n","uptime":12,"clientAddress":"127.0.0.1","lastComm":3,'
    u'"sessionScope":"iOS","activePages":2,"recentBytesSent":4,"totalBytesSent":9007199254740991,'
    u'"pageIds":["2bf737f8","A view/with spaces"],"authorized":true}'
)
TEXT = type(u"")


class TheResult(GatewayTestCase):
    def result(self, body):
        self.serve(answer(body))
        return perspective.getSessionInfo()

    def session(self):
        (session,) = self.result(u"[%s]" % SESSION)
        return session

    def test_is_a_list_which_is_empty_when_no_session_matches(self):
        self.assertEqual(self.result(u"[]"), [])

    def test_is_a_list_in_the_gateways_order(self):
        sessions = self.result(u'[{"id":"b"},{"id":"a"}]')
        self.assertIs(type(sessions), list)
        self.assertEqual([session["id"] for session in sessions], ["b", "a"])

    def test_has_the_manuals_keys_in_the_manuals_order(self):
        session = self.session()
        self.assertEqual(list(session), KEYS)
        self.assertEqual(list(session.keys()), KEYS)
        self.assertEqual([key for key, _ in session.items()], KEYS)
        self.assertEqual(list(session.values()), [session[key] for key in KEYS])
        self.assertEqual(len(session), 13)

    def test_is_read_by_key_and_by_get(self):
        session = self.session()
        self.assertEqual(session["id"], "a b/c")
        self.assertEqual(session.get("id"), "a b/c")
        self.assertIsNone(session.get("nothing"))
        self.assertEqual(session.get("nothing", 5), 5)
        self.assertTrue("id" in session)
        self.assertFalse("nothing" in session)
        self.assertRaises(KeyError, lambda: session["nothing"])

    def test_keeps_every_text_as_text(self):
        session = self.session()
        self.assertEqual(session["username"], u"b\u00edlly \u03c0 \U0001f600")
        self.assertEqual(session["project"], u'My "Project"\n')
        for text in list(session) + [session["username"], session["id"], session["pageIds"][0]]:
            self.assertIs(type(text), TEXT)

    def test_keeps_every_integer_exactly(self):
        session = self.session()
        self.assertEqual(session["totalBytesSent"], 2**53 - 1)
        for key in ("uptime", "totalBytesSent"):
            self.assertIn(type(session[key]).__name__, ("int", "long"))

    def test_has_booleans_and_plain_lists(self):
        session = self.session()
        self.assertIs(session["authorized"], True)
        self.assertIs(type(session["pageIds"]), list)
        self.assertEqual(session["pageIds"], ["2bf737f8", "A view/with spaces"])

    def test_has_objects_of_the_same_kind_within_objects_and_lists(self):
        (session,) = self.result(u'[{"detail":{"pages":[{"id":"p"}],"none":null}}]')
        self.assertIs(type(session["detail"]), perspective.PyJsonObjectAdapter)
        self.assertIs(type(session["detail"]["pages"][0]), perspective.PyJsonObjectAdapter)
        self.assertEqual(session, {"detail": {"pages": [{"id": "p"}], "none": None}})

    def test_is_equal_by_keys_and_values_whatever_their_order(self):
        one, same, other = self.result(u'[{"a":1,"b":2},{"b":2,"a":1},{"a":1,"b":3}]')
        self.assertTrue(one == same and not one != same)
        self.assertTrue(one != other and not one == other)
        self.assertTrue(one == {"b": 2, "a": 1} and {"b": 2, "a": 1} == one)
        self.assertRaises(TypeError, hash, one)

    def test_is_the_callers_own_to_change_and_to_copy(self):
        session = self.session()
        unchanged = copy.deepcopy(session)
        session["uptimeHours"] = session["uptime"] / 3600000.0
        del session["userAgent"]
        session["pageIds"].append("new")
        self.assertEqual(list(session)[-1], "uptimeHours")
        self.assertEqual(unchanged, self.session())

    def test_shows_its_keys_and_values(self):
        (session,) = self.result(u'[{"id":"x","pageIds":["p"],"uptime":5}]')
        shown = "{'id': 'x', 'pageIds': ['p'], 'uptime': 5}"
        self.assertEqual(repr(session).replace("u'", "'"), shown)

    def test_can_be_written_as_the_json_that_it_was(self):
        self.assertEqual(json.loads(json.dumps(self.session())), json.loads(SESSION))
        self.assertTrue(json.dumps(self.session()).startswith('{"userAgent": "Mozilla/5.0", "id": '))
