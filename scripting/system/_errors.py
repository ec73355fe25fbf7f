"""What getSessionInfo raises when it has no answer to return."""


class GatewayError(Exception):
    """The gateway gave no list of sessions; the message says why and what to do about it.

    The root of every error of getSessionInfo but TypeError and ValueError, which a wrong argument
    raises. No message ever holds the read token.
    """

    def __init__(self, message):
        Exception.__init__(self, message)
        self.message = message
        # Python 3 would print the socket's own traceback above the message that explains it.
        self.__cause__ = None

    # Python 2 prints a traceback's last line by str(), which is bytes there.
    def __str__(self):
        return self.message.encode("utf-8") if str is bytes else self.message

    def __unicode__(self):
        return self.message


class GatewaySettingError(GatewayError):
    """SESSION_GATEWAY_URL or SESSION_GATEWAY_READ_TOKEN is missing or can not be used."""


class GatewayUnreachableError(GatewayError):
    """Nothing answers there, the connection broke, or the answer took too long."""


class GatewayAnswerError(GatewayError):
    """Something answered, but with no list of sessions: a proxy's page, a redirect, too much."""


class GatewayRefusedError(GatewayError):
    """The gateway answered with an error: a wrong token, say, or a filter that it does not take.

    status: the HTTP status, an integer.
    title, detail, field: what the gateway's problem details (RFC 9457) say, each text or None.
    """

    # A copy is made from the message alone and given the rest afterwards: hence a default for status.
    def __init__(self, message, status=0, title=None, detail=None, field=None):
        GatewayError.__init__(self, message)
        self.status = status
        self.title = title
        self.detail = detail
        self.field = field
