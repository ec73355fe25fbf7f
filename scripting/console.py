"""A script console with `system` predefined, as Ignition has it.

    jython console.py                  a prompt
    jython console.py FILE [ARG ...]   runs FILE; "-" is the standard input
    python3 console.py ...             the same, for scripts in Python 3

SESSION_GATEWAY_URL         the gateway, http://127.0.0.1:8188 unless set
SESSION_GATEWAY_READ_TOKEN  its read token

A script finds __name__, __file__, sys.argv and sys.path as when Python itself runs it, and ends with
the same exit code: 0, what sys.exit says, or 1 after an uncaught exception. A file that declares no
encoding is UTF-8.
"""

import code
import os
import re
import sys
import types

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)

import system
from system._settings import gateway_settings

UTF8_MARK = b"\xef\xbb\xbf"
# The Python Language Reference, 2.1.4, "Encoding declarations": in the first or second line.
ENCODING_DECLARED = re.compile(
    br"\A(?:[ \t\f]*(?:#[^\r\n]*)?\r?\n)?[ \t\f]*#[^\r\n]*?coding[:=][ \t]*[-\w.]"
)


def main(arguments):
    """Runs the file that the arguments name, else a prompt; returns the exit code."""
    if not arguments:
        return run_prompt()
    if arguments[0] in ("-h", "--help"):
        print(__doc__.strip())
        return 0
    if arguments[0].startswith("-") and arguments[0] != "-":
        return wrong_use("unknown option %s; --help tells more" % arguments[0])
    return run_file(arguments)


def wrong_use(message):
    sys.stderr.write("console.py: %s\n" % message)
    return 2


def run_prompt():
    """Reads and runs statements until the end of the input; returns the exit code."""
    try:
        import readline  # noqa: F401  By being imported it gives input() editing and history.
    except ImportError:
        pass
    try:
        gateway = gateway_settings().url
    except system.perspective.GatewayError as error:
        gateway = "none yet. %s" % error
    sys.argv = [""]
    Prompt(new_main_module("").__dict__).interact(
        "Script console, Python %s\n"
        "system.perspective.getSessionInfo([usernameFilter], [projectFilter])\n"
        "gateway: %s" % (sys.version.split()[0], gateway)
    )
    return 0


class Prompt(code.InteractiveConsole):
    def __init__(self, namespace):
        code.InteractiveConsole.__init__(self, namespace)
        self.terminal = plain_terminal()

    def raw_input(self, prompt=""):
        if self.terminal is None:
            return code.InteractiveConsole.raw_input(self, prompt)
        sys.stdout.write(prompt)
        sys.stdout.flush()
        line = self.terminal.readLine()
        if line is None:
            raise EOFError
        return line

    def runsource(self, source, *filename_and_symbol):
        # Jython compiles text with "?" for each character outside ASCII, but bytes as they are.
        if str is bytes and not isinstance(source, str):
            source = UTF8_MARK + source.encode("utf-8")
        return code.InteractiveConsole.runsource(self, source, *filename_and_symbol)


def plain_terminal():
    """A Java reader of the terminal's lines where Jython's line editor can not work, else None.

    Debian 12 ships it without a class that it needs: `jython` itself dies there at its first prompt.
    """
    try:
        from jline import TerminalFactory
        from org.python.core import Py
        from org.python.util import JLineConsole
    except ImportError:
        return None
    if not isinstance(Py.getConsole(), JLineConsole):
        return None
    try:
        from org.fusesource.jansi import AnsiOutputStream  # noqa: F401
    except ImportError:
        from java.io import BufferedReader, FileDescriptor, FileInputStream, InputStreamReader

        TerminalFactory.get().restore()
        keyboard = FileInputStream(getattr(FileDescriptor, "in"))
        return BufferedReader(InputStreamReader(keyboard, sys.stdin.encoding))
    return None


def run_file(arguments):
    """Runs the file arguments[0] as the main program; returns the exit code."""
    path = arguments[0]
    try:
        source = read_source(path)
    except EnvironmentError as error:
        return wrong_use("can't open file %r: %s" % (path, error.strerror))
    sys.argv = arguments
    main_module = new_main_module("" if path == "-" else os.path.dirname(os.path.abspath(path)))
    filename = "<stdin>" if path == "-" else path
    if path != "-":
        main_module.__file__ = path
    try:
        exec(compile(source, filename, "exec", 0, True), main_module.__dict__)
    except SystemExit:
        raise
    except:  # Under Jython what Java throws is no BaseException.
        return report_uncaught()
    return 0


def read_source(path):
    """The script's bytes; marked as UTF-8 where they declare no encoding, which Python 2 would read
    as Latin-1."""
    if path == "-":
        source = getattr(sys.stdin, "buffer", sys.stdin).read()
    else:
        with open(path, "rb") as script:
            source = script.read()
    if source.startswith(UTF8_MARK) or ENCODING_DECLARED.match(source):
        return source
    return UTF8_MARK + source


def new_main_module(import_from):
    """A fresh __main__ with `system` in it. Imports look in import_from, where Python would look for
    a script of its own, and no longer beside this console."""
    module = types.ModuleType("__main__")
    module.system = system
    sys.modules["__main__"] = module
    sys.path[:] = [import_from] + [path for path in sys.path if os.path.abspath(path) != HERE]
    return module


def report_uncaught():
    """Prints the traceback without the console's own frame; returns the exit code."""
    kind, error, trace = sys.exc_info()
    if hasattr(error, "__traceback__"):
        error.__traceback__ = trace.tb_next
    sys.excepthook(kind, error, trace.tb_next)
    # What a shell says of a program that Ctrl-C has ended.
    return 130 if issubclass(kind, KeyboardInterrupt) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
