"""The one error that a person may cause, and that a person is shown."""


class Refused(Exception):  # noqa: N818 - it is no fault of the program
    """Something asked for is not possible; says which field and what would be right.

    `field` is the name of the input as the person knows it ("severity", "subject"); `message` is a
    sentence that says what is wrong and what would be right. Pages show it beside the field, commands
    print it and exit with 2, mail intake files it as the reason for quarantine.
    """

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field
        self.message = message
