# -*- coding: utf-8 -*-
"""getSessionInfo and the manual's two snippets against the real gateway."""

import os
import re
import shutil
import tempfile
import time

from fake_gateway import GatewayTestCase
from interpreter import SCRIPTING, run_console
from real_gateway import READ_TOKEN, RealGateway, identity_token
from system import perspective

ODD = u"a b/c \u03c0 \U0001f600 \"'&+%?#=;"
# The manual's snippets are Python 2; these are the same in Python 3.
PYTHON_3_SNIPPETS = {
    "count_billy.py": (
        'sessions = system.perspective.getSessionInfo("billy")\n'
        'print("Billy has %d sessions" % len(sessions))\n'
    ),
    "list_my_project.py": (
        'projectResults = system.perspective.getSessionInfo(projectFilter="MyProject")\n'
        "for index, sessionObj in enumerate(projectResults):\n"
        '    print("Session", index, ": username: ", sessionObj["username"], "uptime: ", '
        'sessionObj["uptime"], " seconds")\n'
    ),
}


class TheRealGateway(GatewayTestCase):
    @classmethod
    def setUpClass(cls):
        cls.gateway = RealGateway()
        cls.started = time.time()
        billy = identity_token("billy")
        cls.gateway.report(sessionId="1", pageId="p1", token=billy)
        cls.gateway.report(sessionId="1", pageId="p2", token=billy, load="l2", recentAgeMs=4)
        cls.gateway.report(sessionId="2", project="OtherProject", token=billy, scope="iOS")
        cls.gateway.report(sessionId="3")
        cls.gateway.report(sessionId=ODD, project=ODD, pageId=ODD, token=identity_token(ODD))

    @classmethod
    def tearDownClass(cls):
        cls.gateway.close()

    def setUp(self):
        GatewayTestCase.setUp(self)
        os.environ["SESSION_GATEWAY_URL"] = self.gateway.url
        os.environ["SESSION_GATEWAY_READ_TOKEN"] = READ_TOKEN

    def ids(self, *filters, **named):
        return [session["id"] for session in perspective.getSessionInfo(*filters, **named)]

    def test_lists_all_sessions_oldest_first_or_those_that_both_filters_match(self):
        self.assertEqual(self.ids(), ["1", "2", "3", ODD])
        self.assertEqual(self.ids("billy"), ["1", "2"])
        self.assertEqual(self.ids(projectFilter="MyProject"), ["1", "3"])
        self.assertEqual(self.ids("billy", "MyProject"), ["1"])
        self.assertEqual(self.ids("Unauthenticated", ""), ["3"])
        self.assertEqual(self.ids("Billy"), [])
        self.assertEqual(self.ids(ODD, ODD), [ODD])

    def test_says_every_key_of_a_session(self):
        (session,) = perspective.getSessionInfo("billy", "MyProject")
        since_started = (time.time() - self.started) * 1000 + 1000
        self.assertTrue(0 <= session.pop("lastComm") <= session.pop("uptime") <= since_started)
        self.assertEqual(
            list(session.items()),
            [
                ("userAgent", "Mozilla/5.0"),
                ("id", "1"),
                ("username", "billy"),
                ("project", "MyProject"),
                ("clientAddress", "127.0.0.1"),
                ("sessionScope", "browser"),
                ("activePages", 2),
                ("recentBytesSent", 300),
                ("totalBytesSent", 8642),
                ("pageIds", ["p1", "p2"]),
                ("authorized", True),
            ],
        )
        (other,) = perspective.getSessionInfo("Unauthenticated")
        self.assertIs(other["authorized"], False)

    def test_refuses_another_token_and_says_so(self):
        os.environ["SESSION_GATEWAY_READ_TOKEN"] = "another-token"
        error = self.error(perspective.GatewayRefusedError)
        self.assertEqual((error.status, error.field), (401, "Authorization"))
        self.assertIn("SESSION_GATEWAY_READ_TOKEN must be this gateway's read token", str(error))
        self.assertNotIn("another-token", str(error))

    def test_counts_billys_sessions_with_the_manuals_snippet(self):
        self.assertEqual(self.snippet("count_billy.py"), "Billy has 2 sessions\n")

    def test_lists_a_projects_sessions_with_the_manuals_snippet(self):
        lines = [re.sub("uptime:  [0-9]+ ", "uptime:  N ", line)
                 for line in self.snippet("list_my_project.py").splitlines()]
        self.assertEqual(
            lines,
            [
                "Session 0 : username:  billy uptime:  N  seconds",
                "Session 1 : username:  Unauthenticated uptime:  N  seconds",
            ],
        )

    def snippet(self, name):
        """What the manual's snippet prints in the console."""
        if str is bytes:
            path = os.path.join(SCRIPTING, "examples", name)
        else:
            directory = tempfile.mkdtemp()
            self.addCleanup(shutil.rmtree, directory)
            path = os.path.join(directory, name)
            with open(path, "w") as script:
                script.write(PYTHON_3_SNIPPETS[name])
        ended = run_console([path])
        self.assertEqual((ended.err, ended.code), ("", 0))
        return ended.out
