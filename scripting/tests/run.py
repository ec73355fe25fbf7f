"""Runs all tests of this folder: jython scripting/tests/run.py, python3 scripting/tests/run.py.

The tests in test_real_gateway.py start the gateway that SESSION_GATEWAY_BIN names, else
target/debug/session-gateway.
"""

import os
import sys
import unittest

TESTS = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [TESTS, os.path.dirname(TESTS)]

if __name__ == "__main__":
    result = unittest.TextTestRunner(verbosity=2).run(unittest.defaultTestLoader.discover(TESTS))
    # A run without a test proves nothing.
    sys.exit(0 if result.wasSuccessful() and result.testsRun else 1)
