"""Files that customers and we give each other: kept under the SHA-256 of their content, synced before the row."""

import hashlib
import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from mainstay.errors import Refused

LIMIT = 50 * 1024 * 1024


@dataclass(frozen=True)
class Upload:
    """A file on its way in: its cleaned name, its type by content, its bytes."""

    name: str
    content_type: str
    content: bytes = b""
    content_id: str = ""
    sha256: str = ""  # of one that is among all files already
    size: int = -1

    def kept(self) -> tuple[str, int]:
        """Its hash and size, stored now where it is not yet."""
        if self.sha256:
            return self.sha256, self.size
        return store(self.content), len(self.content)


def store(content: bytes) -> str:
    """Keep `content` and return its SHA-256 in hex. Storing it again costs nothing."""
    if len(content) > LIMIT:
        raise Refused("attachment", _("is larger than 50 MB; send it in parts or as a link"))
    name = hashlib.sha256(content).hexdigest()
    path = where(name)
    if path.exists():
        return name
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, partial = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    Path(partial).replace(path)
    return name


def where(sha256: str) -> Path:
    """The path of a stored file; raises `Refused` for anything that is no SHA-256."""
    if len(sha256) != 64 or not set(sha256) <= set("0123456789abcdef"):
        raise Refused("attachment", "is not known")
    return Path(settings.MEDIA_ROOT) / sha256[:2] / sha256
