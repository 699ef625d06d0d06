"""The forms of policy pages as a browser sends them: read from the page, looked at, published, refused."""

import re
from html import unescape
from typing import Any

from django.test import Client


def shown(client: Client, address: str) -> dict[str, Any]:
    """The form of a page as a browser would send it back."""
    page = client.get(address).content.decode()
    form = page[page.index('<form method="post" id="sheet"') :]
    return fields(form[: form.index("</form>")])


def fields(form: str) -> dict[str, Any]:
    found: dict[str, list[str]] = {}
    for tag in re.findall(r"<select\b.*?</select>|<textarea\b.*?</textarea>|<input\b[^>]*>", form, re.S):
        name = re.search(r'\bname="([^"]*)"', tag)
        if name is None or name[1] == "csrfmiddlewaretoken":
            continue
        if tag.startswith("<select"):
            chosen = re.search(r'<option value="([^"]*)" selected', tag) or re.search(
                r'<option value="([^"]*)"', tag
            )
            value = chosen[1] if chosen else ""
        elif tag.startswith("<textarea"):
            value = tag[tag.index(">") + 1 : -len("</textarea>")]
        elif ('type="checkbox"' in tag and " checked" not in tag) or 'type="file"' in tag:
            continue
        else:
            given = re.search(r'\bvalue="([^"]*)"', tag)
            value = given[1] if given else ""
        found.setdefault(name[1], []).append(unescape(value))
    return dict(found)


def looked(client: Client, address: str, typed: dict[str, Any]) -> str:
    answer = client.post(address, typed)
    assert answer.status_code == 200, answer.content.decode()[-4000:]
    return str(answer.content.decode())


def published(client: Client, address: str, typed: dict[str, Any], reason: str = "So.", **more: Any) -> Any:
    """Looked at, then published by the button that looking gave."""
    page = looked(client, address, typed)
    button = re.search(r'name="publish" value="(\w+)"', page)
    assert button, page[-4000:]
    again = fields(page[page.index('<form method="post" id="sheet"') :].split("</form>")[0])
    answer = client.post(address, {**again, "publish": button[1], "reason": reason, **more})
    assert answer.status_code == 303, answer.content.decode()[-4000:]
    return answer


def refused(client: Client, address: str, typed: dict[str, Any]) -> str:
    answer = client.post(address, typed)
    assert answer.status_code == 422
    page = str(answer.content.decode())
    assert page.count('role="alert"') == 1
    return unescape(page)
