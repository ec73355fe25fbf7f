"""The objects that getSessionInfo returns."""

from collections import OrderedDict


class PyJsonObjectAdapter(OrderedDict):
    """A JSON object as scripts see it: one session, or an object within one.

    Stands in for Ignition's class of this name (the manual: "A list of objects
    (PyJsonObjectAdapter)"). It is a dictionary with its keys in the manual's order, so that [key],
    .get(key, default), in, len, iteration, keys, values, items and json.dumps all work.

    It can be changed, as Ignition's can: scripts add a column of their own to each session before
    they hand the list to a table. It is the caller's own copy; the gateway never sees a change.

    Two of them, or one and a plain dictionary, are equal when their keys and values are; the order
    of the keys plays no part.
    """

    # OrderedDict would compare the order too.
    __eq__ = dict.__eq__
    __ne__ = dict.__ne__
    __hash__ = None

    def __repr__(self):
        return "{%s}" % ", ".join("%r: %r" % item for item in self.items())
