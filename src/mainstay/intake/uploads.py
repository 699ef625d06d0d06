"""Files on their way in, of any size: kept as they come, piece by piece, until what they belong to is sent.

A file belongs to a person and to one of their forms ("request", "reply-1042"). A piece is on the disk before its row
says so; whatever breaks off goes on where it was, also from another machine. What nobody sends is removed after a week.

Once it is whole, all of it is read once more: its hash, what archives hold. A small file has that done by the request
that brings its last piece; a large one is "being checked" by the worker meanwhile, so no request takes longer for it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, Sum
from django.utils.translation import gettext as _

from mainstay.accounts.models import User
from mainstay.customers import files
from mainstay.errors import Refused
from mainstay.intake import secrets
from mainstay.intake.email.files import clean_name, sniff
from mainstay.intake.models import Upload
from mainstay.prepared import Arg, Prepared

KEPT_FOR = timedelta(days=7)
MOST = 20  # files of one form
AT_ONCE = 3  # times the largest file: what one person may have lying here unsent
PLACES = 50  # of secrets that are shown; beyond, they are only counted
SPARE = 1024**3  # what stays free on the disk
SMALL = 256 * 1024**2  # read once more within a request: less than a second
GIVEN_UP = timedelta(minutes=30)  # whoever looks at a file for so long has died


def begin(user: User, *, form: str, name: str, size: int, modified: str, at: datetime) -> Upload:
    """Somewhere for a file to go. The same file begun before (name, size, time of change) goes on where it was.

    Raises `Refused` on files: too large, too many, or no room.
    """
    name, modified = clean_name(name, 1, ""), modified[:40]
    User.objects.select_for_update(of=("self",), no_key=True).get(pk=user.pk)  # two begun at once are counted
    mine = Upload.objects.filter(user=user)
    same = mine.filter(form=form, name=name, size=size, modified=modified, sha256="").first()
    if same is not None:
        return same
    _room(user, form, name, size)
    made = Upload(
        user=user, form=form, name=name, size=size, modified=modified, created_at=at, expires_at=at + KEPT_FOR
    )
    path_of(made).parent.mkdir(parents=True, exist_ok=True)
    path_of(made).touch()
    made.save(force_insert=True)
    return _end(made) if size == 0 else made


def _room(user: User, form: str, name: str, size: int) -> None:
    largest = settings.UPLOAD_LIMIT
    if size < 0 or size > largest:
        raise Refused(
            "files", _("“%(name)s” is larger than %(most)s") % {"name": name, "most": _gigabytes(largest)}
        )
    mine = Upload.objects.filter(user=user)
    if mine.filter(form=form).count() >= MOST:
        raise Refused("files", _("are too many; at most %(most)s go with one message") % {"most": MOST})
    if (mine.aggregate(all=Sum("size"))["all"] or 0) + size > AT_ONCE * largest:
        raise Refused(
            "files", _("that you have not sent yet take all the room there is; send or remove some")
        )
    Path(settings.MEDIA_ROOT).mkdir(parents=True, exist_ok=True)
    if shutil.disk_usage(settings.MEDIA_ROOT).free < size + SPARE:
        raise Refused("files", _("do not fit on our disk now; write to us, and we make room"))


def _gigabytes(size: int) -> str:
    return f"{size / 1024**3:g} GB" if size >= 1024**3 else f"{size / 1024**2:g} MB"


def append(upload: Upload, offset: int, piece: bytes, *, at: datetime) -> Upload | None:
    """The next piece. None when it is not the next: then `received` says where to go on."""
    with transaction.atomic():
        held = Upload.objects.select_for_update(of=("self",)).get(pk=upload.pk)
        upload.received = held.received
        if offset != held.received or held.sha256 or held.received + len(piece) > held.size:
            return None
        before = _write(path_of(held), offset, piece)
        _notice(held, secrets.places(before, piece, held.lines))
        held.lines += piece.count(b"\n")
        held.received, held.expires_at = offset + len(piece), at + KEPT_FOR
        held.save(update_fields=["received", "lines", "findings", "expires_at"])
        return _end(held) if held.received == held.size <= SMALL else held


def _write(path: Path, offset: int, piece: bytes) -> bytes:
    """Put a piece at its place, synced; what a crash left behind it is cut off. Returns what stands before it."""
    with path.open("r+b") as file:
        file.truncate(offset)
        file.seek(max(0, offset - secrets.OVERLAP))
        before = file.read()
        file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    return before


def _notice(held: Upload, found: Iterable[secrets.Place]) -> None:
    counts, places = dict(held.findings.get("counts", {})), list(held.findings.get("places", []))
    for one in found:
        counts[one.kind] = counts.get(one.kind, 0) + 1
        if len(places) < PLACES:
            places.append(one._asdict())
    if counts:
        held.findings = {**held.findings, "counts": counts, "places": places}


def _end(held: Upload) -> Upload:
    """All of it is here: its hash, its type by content, and what archives hold."""
    _look(held)
    held.save(update_fields=["sha256", "content_type", "findings"])
    return held


def _look(held: Upload) -> None:
    """Read a whole file; what is to be blackened in it is blackened first. Writes no row."""
    path = path_of(held)
    if _to_blacken(held):
        _stars(held)
    with path.open("rb") as file:
        held.content_type = sniff(file.read(4096), held.name)[:100]
    archived = [] if held.decision else secrets.inside(str(path))
    if archived:
        _notice(held, archived)
        held.findings["archive"] = True
    held.sha256 = _hash(path)


def _to_blacken(held: Upload) -> bool:
    return held.decision == Upload.Decision.BLACKENED and "blackened" not in held.findings


def _stars(held: Upload) -> None:
    with path_of(held).open("r+b") as file:
        count = secrets.blacken(file, held.size)
        file.flush()
        os.fsync(file.fileno())
    held.findings = {"blackened": count}


# ---- large ones, by the worker


def check(at: datetime) -> int:
    """Look at the next large file that is whole; 0 when there is none. Any number of workers: each takes another.

    Its row is not locked meanwhile: it may be taken out, and then nothing comes of it.
    """
    held = _claim(at)
    if held is None:
        return 0
    try:
        _look(held)
    except OSError:  # it was taken out, or is not on this machine's disk: another try, later
        return 1
    same = Upload.objects.filter(pk=held.pk, checking_at=at, decision=held.decision)
    same.update(sha256=held.sha256, content_type=held.content_type, findings=held.findings, checking_at=None)
    return 1


def _claim(at: datetime) -> Upload | None:
    with transaction.atomic():
        whole_ones = Upload.objects.filter(sha256="", received=F("size"))
        free = whole_ones.filter(Q(checking_at=None) | Q(checking_at__lt=at - GIVEN_UP)).order_by(
            "created_at"
        )
        held = free.select_for_update(skip_locked=True, of=("self",)).first()
        if held is not None:
            held.checking_at = at
            held.save(update_fields=["checking_at"])
        return held


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def whole(user: User, *, form: str, name: str, content: Iterable[bytes], size: int, at: datetime) -> Upload:
    """A file that came with a form as it is, without a script."""
    made = begin(user, form=form, name=name, size=size, modified="", at=at)
    for piece in content:
        grown = append(made, made.received, piece, at=at)
        if grown is None:
            break
        made = grown
    return made


# ---- what becomes of them


def of(user: User, form: str) -> list[Upload]:
    """The files of a form that are here, whole or in part."""
    return OF_FORM.all(user=user.pk, form=form)


OF_FORM = Prepared(
    lambda: Upload.objects.filter(user=Arg("user"), form=Arg.text("form")).order_by("created_at", "pk")
)


def blacken(upload: Upload) -> Upload:
    """Put stars over what looks like a secret. An archive cannot be changed: `Refused`."""
    with transaction.atomic():
        held = Upload.objects.select_for_update(of=("self",)).get(pk=upload.pk)
        if held.findings.get("archive"):
            raise Refused(
                "files",
                _("“%(name)s” is packed; take the secrets out yourself, or send it as it is")
                % {"name": held.name},
            )
        if held.received < held.size:
            raise Refused(
                "files", _("“%(name)s” is not whole yet; choose it again to go on") % {"name": held.name}
            )
        held.decision, held.sha256, held.checking_at = Upload.Decision.BLACKENED, "", None
        if held.size <= SMALL:
            _look(held)
        held.save(update_fields=["findings", "sha256", "content_type", "decision", "checking_at"])
        return held


def keep(upload: Upload) -> None:
    """Send it as it is, whatever was found."""
    Upload.objects.filter(pk=upload.pk).update(decision=Upload.Decision.KEPT, checking_at=None)


def remove(upload: Upload) -> None:
    """Take a file out again."""
    path = path_of(upload)
    upload.delete()
    path.unlink(missing_ok=True)


def undecided(found: Iterable[Upload]) -> list[Upload]:
    """Those in which something was found, and nobody has said what to do."""
    return [one for one in found if one.findings.get("counts") and not one.decision]


def take(user: User, form: str) -> tuple[files.Upload, ...]:
    """The files of a form, to go with a message: they are among all files from now on, and here no more.

    Raises `Refused` on files while one of them is not whole. Within the transaction of what is sent.
    """
    taken = []
    for one in (
        Upload.objects.select_for_update(of=("self",))
        .filter(user=user, form=form)
        .order_by("created_at", "pk")
    ):
        if one.being_checked:
            raise Refused(
                "files", _("“%(name)s” is being checked; send it again in a moment") % {"name": one.name}
            )
        if not one.sha256:
            said = {"name": one.name, "percent": 100 * one.received // max(one.size, 1)}
            raise Refused(
                "files",
                _("“%(name)s” is not whole yet (%(percent)s %%); choose it again to go on, or take it out")
                % said,
            )
        taken.append(files.Upload(one.name, one.content_type, sha256=one.sha256, size=one.size))
        _among_files(one)
        one.delete()
    return tuple(taken)


def _among_files(one: Upload) -> None:
    """Under its hash with all other files. A copy by link: whatever rolls back, the file is still here."""
    source, target = path_of(one), files.where(one.sha256)
    target.parent.mkdir(parents=True, exist_ok=True)
    if not target.exists():
        target.hardlink_to(source)
    transaction.on_commit(lambda: source.unlink(missing_ok=True))


def expire(at: datetime) -> int:
    """Remove what nobody sent within a week; how many went."""
    gone = list(Upload.objects.filter(expires_at__lt=at)[:500])
    for one in gone:
        remove(one)
    return len(gone)


def path_of(upload: Upload) -> Path:
    """Where its bytes are while it is on its way."""
    return Path(settings.MEDIA_ROOT) / "incoming" / upload.pk.hex
