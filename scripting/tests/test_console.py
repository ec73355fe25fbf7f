# -*- coding: utf-8 -*-
"""scripting/console.py, run as people run it."""

import os
import shutil
import subprocess
import tempfile

from fake_gateway import GatewayTestCase, answer
from interpreter import CONSOLE, PYTHON, run_console

BILLY = u'[{"username":"b\u00edlly","uptime":5}]'


class TheConsole(GatewayTestCase):
    def setUp(self):
        GatewayTestCase.setUp(self)
        self.directory = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.directory)

    def script(self, name, text, encoding="utf-8"):
        path = os.path.join(self.directory, name)
        with open(path, "wb") as script:
            script.write(text.encode(encoding))
        return path

    def test_runs_a_file_as_python_runs_its_main_program(self):
        self.serve(answer(BILLY))
        self.script("beside.py", u"name = __name__\n")
        self.script(
            "main.py",
            u"import sys, __main__, beside\n"
            u"print([str(a) for a in sys.argv])\n"
            u"print((__name__, __file__, beside.name, __main__.__file__))\n"
            u"print(system.perspective.getSessionInfo()[0]['username'] == u'b\u00edlly')\n"
            u"def fail():\n"
            u"    raise ValueError('on purpose')\n"
            u"fail()\n",
        )
        ended = run_console(["main.py", "-h", "--", "x y"], directory=self.directory)
        self.assertEqual(
            ended.out.splitlines(),
            [
                "['main.py', '-h', '--', 'x y']",
                "('__main__', 'main.py', 'beside', 'main.py')",
                "True",
            ],
        )
        # No frame of the console's own.
        self.assertTrue(
            ended.err.startswith(
                'Traceback (most recent call last):\n  File "main.py", line 7, in <module>\n    fail()\n'
            ),
            ended.err,
        )
        self.assertTrue(ended.err.endswith("ValueError: on purpose\n"), ended.err)
        self.assertEqual(ended.code, 1)

    def test_reads_a_file_in_the_encoding_that_it_declares_and_passes_on_its_exit_code(self):
        path = self.script(
            "latin.py",
            u"#!/usr/bin/env jython\n# vim: set fileencoding=latin-1 :\nimport sys\n"
            u"print([ord(c) for c in u'\u00e9'])\nsys.exit(7)\n",
            "latin-1",
        )
        ended = run_console([path])
        self.assertEqual((ended.out.strip(), ended.err, ended.code), ("[233]", "", 7))

    def test_shows_why_the_gateway_gave_no_answer(self):
        self.serve(answer(u"{}", "401 Unauthorized"))
        # Through the standard input, since nobody tests "-" otherwise.
        ended = run_console(["-"], u"system.perspective.getSessionInfo()\n")
        self.assertIn("GatewayRefusedError: The gateway at ", ended.err)
        self.assertIn("refused (401 Unauthorized)", ended.err)
        self.assertEqual((ended.out, ended.code), ("", 1))

    def test_that_gets_no_usable_arguments_says_so(self):
        ended = run_console([os.path.join(self.directory, "nothing.py")])
        self.assertIn("can't open file", ended.err)
        self.assertIn("nothing.py", ended.err)
        self.assertEqual((ended.out, ended.code), ("", 2))

    def test_gives_a_prompt_that_goes_on_after_an_error(self):
        gateway = self.serve(answer(BILLY))
        ended = run_console(
            [],
            u"sessions = system.perspective.getSessionInfo(u'\u03c0', '\u03c0')\n"
            u"1 / 0\n"
            u"for session in sessions:\n    print(len(session))\n\n"
            u"[ord(c) for c in sessions[0]['username']]\n"
            u"exit(3)\n",
        )
        self.assertIn("GET /v1/sessions?username=%CF%80&project=%CF%80 ", gateway.heads[0])
        self.assertIn("gateway: " + gateway.url, ended.err)
        self.assertIn("ZeroDivisionError", ended.err)
        self.assertIn("2\n", ended.out)
        self.assertIn("[98, 237, 108, 108, 121]", ended.out)
        self.assertEqual(ended.code, 3)

    def test_gives_a_prompt_at_a_terminal(self):
        pipe = subprocess.PIPE
        # script(1) runs a command at a terminal of its own.
        process = subprocess.Popen(
            ["script", "-qec", "'%s' '%s'" % (PYTHON, CONSOLE), os.devnull], stdin=pipe, stdout=pipe
        )
        seen = b""
        for typed in (b"6 * 7\n", b"exit(5)\n"):
            seen = b""
            while b">>> " not in seen:
                character = process.stdout.read(1)
                self.assertTrue(character, seen)
                seen += character
            process.stdin.write(typed)
            process.stdin.flush()
        process.communicate()
        self.assertIn(b"42", seen)
        self.assertEqual(process.returncode, 5)
