"""What a way out says of a message that it does not take."""


class NotNow(Exception):  # noqa: N818 - no error, an answer
    """This message was not taken now; others may be."""


class NeverSo(Exception):  # noqa: N818 - no error, an answer
    """This message will not be taken as it is."""


class Away(Exception):  # noqa: N818 - no error, a state
    """The relay cannot be reached, or takes nothing from us at all."""
