"""console.py in a process of the Python that runs the tests."""

import os
import subprocess
import sys

SCRIPTING = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# Jython knows its launcher only when the launcher has told it.
PYTHON = sys.executable or "jython"
CONSOLE = os.path.join(SCRIPTING, "console.py")


class Ended(object):
    """A process that has ended: its exit code, and its output as text with "\\n" line breaks."""

    def __init__(self, process, typed):
        out, err = process.communicate(typed.encode("utf-8"))
        self.code = process.returncode
        self.out = out.decode("utf-8").replace("\r\n", "\n")
        self.err = err.decode("utf-8", "replace").replace("\r\n", "\n")


def run_console(arguments, typed=u"", directory=None):
    """Runs console.py with these arguments; typed is its standard input."""
    pipe = subprocess.PIPE
    process = subprocess.Popen(
        [PYTHON, CONSOLE] + arguments, stdin=pipe, stdout=pipe, stderr=pipe, cwd=directory,
        env=dict(os.environ, PYTHONIOENCODING="utf-8"),
    )
    return Ended(process, typed)
