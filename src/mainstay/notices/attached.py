"""Files that go along with a mail, and links to those too large for it."""

from __future__ import annotations

from typing import Final

from mainstay.notices import edited, links, words
from mainstay.notices.recipients import Listener
from mainstay.notices.story import Story

ATTACHED_AT_MOST: Final = 10 * 1024 * 1024


def files_for(story: Story, to: Listener) -> tuple[list[int], list[tuple[str, str]]]:
    """The files of what staff said: ids of those attached (10 MB together), and links in place of the rest."""
    if story.message is None or story.message.kind != story.message.Kind.OUT:
        return [], []
    attached: list[int] = []
    linked, room = [], ATTACHED_AT_MOST
    for file in story.files:
        if file.size <= room:
            attached.append(file.pk)
            room -= file.size
        else:
            linked.append((edited.say("file"), _large(story, to, words.one_line(file.name, 100), file.size)))
    return attached, linked


def _large(story: Story, to: Listener, name: str, size: int) -> str:
    who = {"contact_id": to.contact.pk} if to.contact else {}
    url = links.make("view", story.ticket, address=to.address, seq=story.event.seq, at=story.at, **who)
    return edited.say("too_large", name=name, size=round(size / 1024 / 1024), url=url)
