"""Why the local API does not do what it was asked for."""


class Refused(Exception):
    """The whole request is answered with this.

    Attributes:
        status: HTTP status.
        text: The body; empty without a content type.
        bare: Whether the answer lacks the headers of the API: it comes from the layer below.
        headers: More headers of the answer.
    """

    def __init__(self, status: int, text: str = "", *, bare: bool = False, **headers: str) -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.bare = bare
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


class Unfit(Exception):
    """One object cannot be stored.

    Attributes:
        code: Of its entry in ``failed``.
        message: Of its entry in ``failed``.
        foreseen: Whether a request for this object alone gets the code and the message as well;
            the real program falls over what it did not foresee, and answers an empty 500.
    """

    def __init__(self, message: str, code: int = 400, *, foreseen: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.foreseen = foreseen

    @property
    def refusal(self) -> Refused:
        """The answer where this object is all that was asked for."""
        return Refused(self.code, self.message) if self.foreseen else Refused(500, bare=True)
