"""The exit codes, which tell a calling program how it went."""

from recommender.errors import ConfigError, RecommenderError, TransientError

FAILED, USAGE, TRANSIENT, INTERRUPTED = 1, 2, 75, 130


def exit_code(error: RecommenderError) -> int:
    """The exit code that tells a calling program what sort of error it was."""
    if isinstance(error, ConfigError):
        return USAGE
    return TRANSIENT if isinstance(error, TransientError) else FAILED
