"""Failures that a person can act on. Anything else is a bug."""


class DomainError(Exception):
    """`message`: a sentence for the person who asked."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotFound(DomainError):
    """There is no such thing, or it is not this person's to see."""


class SignInNeeded(DomainError):
    """Nobody is signed in, or the sign-in has ended."""


class Forbidden(DomainError):
    """The person may not do this."""


class Conflict(DomainError):
    """Things have moved on since the person last looked."""


class Gone(DomainError):
    """It was there for a time, and that is over."""


class Refused(DomainError):
    """What was sent can't be used as it is."""


class TooMany(DomainError):
    """Asked too often; `retry_seconds` until it is worth asking again."""

    def __init__(self, message: str, retry_seconds: int) -> None:
        super().__init__(message)
        self.retry_seconds = retry_seconds
