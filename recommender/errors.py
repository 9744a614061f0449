"""Every error that this package raises on purpose.

RecommenderError
├── ConfigError            the reader must edit the configuration or the command; every problem
├── NothingToLearnFrom     there is no paper and no goal that a model could be fitted on
├── StoreError             the store's file cannot be used as it is
│   ├── DamagedStore         it does not hold what was written into it
│   └── ForeignStore         it is another program's file, or none of SQLite's
└── IntegrationError       something outside this process failed; carries .service
    ├── TransientError     the same call may work later
    │   ├── RateLimited      .retry_after: timedelta
    │   └── Unconfirmed      it may have worked already
    └── PermanentError     it will not
        ├── NotAuthorized
        ├── BadResponse      what was read is not what the format promises
        └── StaleLibrary     the library moved on while it was being read

An error's text is one line for a person: what happened, to what, what to do now.
"""

from collections.abc import Sequence
from datetime import timedelta


class RecommenderError(Exception):
    """The root of all errors raised on purpose; its text may be shown to a person as it is."""


class ConfigError(RecommenderError):
    """The reader must edit the configuration or the command.

    Attributes:
        problems: Every problem found, one line each, in the order of the file.
    """

    def __init__(self, problems: str | Sequence[str]) -> None:
        self.problems = (problems,) if isinstance(problems, str) else tuple(problems)
        super().__init__("; ".join(self.problems))


class NothingToLearnFrom(RecommenderError):
    """There is no paper, and nothing that the reader asks for, that a model could be fitted on."""


class StoreError(RecommenderError):
    """The store's file cannot be used as it is: foreign, newer than this program, or damaged."""


class DamagedStore(StoreError):
    """The store's file does not hold what was written into it."""


class ForeignStore(StoreError):
    """The file is another program's, or none of SQLite's."""


class IntegrationError(RecommenderError):
    """Something outside this process failed.

    Attributes:
        service: The service's or format's name, as a person would say it.
    """

    def __init__(self, service: str, message: str) -> None:
        self.service = service
        super().__init__(message)


class TransientError(IntegrationError):
    """The same call may work later."""


class RateLimited(TransientError):
    """The service asks for patience.

    Attributes:
        retry_after: How long to wait; zero where the service did not say.
    """

    def __init__(self, service: str, message: str, retry_after: timedelta = timedelta(0)) -> None:
        self.retry_after = retry_after
        super().__init__(service, message)


class Unconfirmed(TransientError):
    """It may have been done already; whoever does it again says that it is the same."""


class PermanentError(IntegrationError):
    """The same call will fail again until somebody changes something."""


class NotAuthorized(PermanentError):
    """The service refuses this key for this."""


class BadResponse(PermanentError):
    """What was read is not what the format promises."""


class StaleLibrary(PermanentError):
    """The library moved on while it was being read; start the sync again."""
