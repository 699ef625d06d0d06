"""`mainstay mail deliver`: takes in one message from standard input, for a mail server's pipe.

Exit status 0 only once the message is committed; 75 asks the mail server to try again, 65 says that it
never will be taken.
"""

import sys
from typing import BinaryIO

from mainstay.errors import Refused
from mainstay.intake.email.accept import LIMIT, accept
from mainstay.tickets import scope

DATA_ERROR = 65  # EX_DATAERR of sysexits.h
TRY_AGAIN = 75  # EX_TEMPFAIL


def main(argv: list[str], source: BinaryIO | None = None) -> int:
    """Read and accept one message. Words on the command line are the addresses it was sent to."""
    try:
        raw = (source or sys.stdin.buffer).read(LIMIT + 1)
        scope.whole_process()
        accept(raw, source="pipe", recipients=[word for word in argv if "@" in word])
    except Refused as refused:
        print(refused, file=sys.stderr)
        return DATA_ERROR
    except Exception as error:  # whatever it is, the mail server keeps the message
        print(f"not now: {' '.join(str(error).split()) or type(error).__name__}", file=sys.stderr)
        return TRY_AGAIN
    return 0
