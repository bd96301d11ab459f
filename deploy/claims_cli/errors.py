"""The one error that a person at the command line may see: a sentence, printed without a traceback."""


class ClaimsError(Exception):
    """What failed, where, and what to do about it, in one line."""
