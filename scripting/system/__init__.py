"""`system`, as scripts in Ignition have it: here its one function getSessionInfo.

    perspective.py   system.perspective.getSessionInfo: what scripts call
    _settings.py     which gateway to ask, and with which token
    _http.py         one bounded question to it
    _answer.py       its answer, read and checked
    _adapter.py      the objects that scripts get
    _errors.py       what is raised when there is no answer

One source for Jython 2.7 and Python 3, with nothing but the standard library.
"""

from . import perspective

__all__ = ["perspective"]
