"""Is a message from the address it names? Only our own server's word counts.

RFC 8601: the receiving server writes `Authentication-Results` above whatever came with the message. So
the topmost one that bears our server's id counts, and nothing else: not the ones below it, not ARC, not
other ids. Domains are compared as A-labels, so no look-alike is ever equal.
"""

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from mainstay.intake.email.headers import a_label
from mainstay.intake.email.words import words

if TYPE_CHECKING:
    from mainstay.intake.email.parse import Message

MAX_HEADER: Final = 8000
_SERVER = re.compile(r'\s*(?:\([^()]*\)\s*)?"?([^\s;"()]{1,255})')


@dataclass(frozen=True)
class Authentication:
    """`pass`: the address of From is proven. `fail`: our server found it forged. `none`: not known."""

    result: Literal["pass", "fail", "none"]
    why: str
    domain: str = ""

    @property
    def passed(self) -> bool:
        """Whether the sender's address may be relied upon."""
        return self.result == "pass"


def authenticate(message: "Message", authserv_id: str, proof: Authentication | None = None) -> Authentication:
    """Judges the sender by the results of our own receiving server, named `authserv_id`; where there is none, by
    the `proof` of our own check."""
    domain = message.from_address.rpartition("@")[2]
    found = _our_results(message, authserv_id)
    if found is None and proof is not None and not authserv_id:
        answer = proof
    elif found is None:
        answer = Authentication(
            "none", f"no result of {authserv_id}" if authserv_id else "no server to trust", domain
        )
    else:
        answer = _judge(found, domain)
    if message.from_ambiguous and answer.result != "fail":
        reasons = "; ".join(message.from_ambiguous)
        return Authentication("none", f"the sender is ambiguous: {reasons}", domain)
    return answer


@dataclass(frozen=True)
class _Result:
    method: str
    result: str
    domains: tuple[str, ...]


def _our_results(message: "Message", authserv_id: str) -> list[_Result] | None:
    """The results in the topmost header of our server; an unreadable one is an empty list."""
    wanted = authserv_id.strip().lower()
    if not wanted:
        return None
    for value in message.header_values("authentication-results"):
        server = _SERVER.match(value[:1000])
        if server and server[1].lower() == wanted:
            return _read(value)
    return None


def _read(value: str) -> list[_Result]:
    from authres import AuthenticationResultsHeader

    if len(value) >= MAX_HEADER or value.count("(") > 100:
        return []
    try:
        header = AuthenticationResultsHeader.parse(f"Authentication-Results: {value}")
        return [_result(result) for result in header.results or ()]
    except Exception:  # authres raises many kinds, and RecursionError for nested comments
        return []


_IDENTITIES: Final = {
    "dmarc": ("header.from",),
    "dkim": ("header.d", "header.i"),
    "spf": ("smtp.mailfrom", "smtp.mfrom", "smtp.envelope-from"),
}


def _result(result: object) -> _Result:
    method = str(getattr(result, "method", "")).lower()
    wanted = _IDENTITIES.get(method, ())
    domains = [
        a_label(str(item.value).rpartition("@")[2])
        for item in getattr(result, "properties", None) or ()
        if f"{item.type}.{item.name}".lower() in wanted
    ]
    return _Result(
        method, str(getattr(result, "result", "")).lower(), tuple(domain for domain in domains if domain)
    )


def _judge(results: list[_Result], domain: str) -> Authentication:
    dmarc = [result for result in results if result.method == "dmarc"]
    if not domain:
        return Authentication("none", "no domain in From", domain)
    for result in dmarc:
        if result.result == "fail":
            return Authentication("fail", "DMARC failed", domain)
    for result in dmarc:
        if result.result == "pass":
            if result.domains and domain not in result.domains:
                return Authentication(
                    "none", f"DMARC passed for {result.domains[0]}, not for {domain}", domain
                )
            return Authentication("pass", "DMARC passed", domain)
    if any(result.result in ("temperror", "permerror") for result in dmarc):
        return Authentication("none", "DMARC could not be checked", domain)
    return _without_dmarc(results, domain)


def _without_dmarc(results: list[_Result], domain: str) -> Authentication:
    for method in ("dkim", "spf"):
        for result in results:
            passed = result.method == method and result.result == "pass"
            if passed and any(_aligned(domain, other) for other in result.domains):
                return Authentication("pass", f"{method.upper()} passed for {domain}", domain)
    failed = {method: [r.result for r in results if r.method == method] for method in ("dkim", "spf")}
    if all(failed.values()) and all(
        word in ("fail", "hardfail") for words in failed.values() for word in words
    ):
        return Authentication("fail", "DKIM and SPF failed", domain)
    return Authentication("none", "nothing passed for this domain", domain)


# Names under which unrelated people register: a parent with so few labels proves nothing for its children.
_SHARED_SECOND: Final = words("co com org net edu gov ac or ne go gv ltd plc me info biz mil nom web")


def _aligned(domain: str, other: str) -> bool:
    """Relaxed alignment without a list of public suffixes: the same domain, or one below the other."""
    if domain == other:
        return True
    parent, child = sorted((domain, other), key=len)
    labels = parent.split(".")
    if len(labels) < 2 or (len(labels) == 2 and labels[0] in _SHARED_SECOND):
        return False
    return child.endswith("." + parent)
