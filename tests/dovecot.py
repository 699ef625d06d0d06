"""A real Dovecot for the tests: Debian's, unprivileged, on 127.0.0.1, gone with the test."""

import os
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

PASSWORD = "harbour-light"
NOBODY = 65534

_CONF = """
protocols = imap
base_dir = {dir}/run
state_dir = {dir}/state
log_path = {dir}/log
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_failure_delay = 0
auth_mechanisms = plain login{more_mechanisms}
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
mail_location = maildir:~/Maildir
first_valid_uid = 1
mail_uid = {uid}
mail_gid = {gid}
imap_capability = {capability}
passdb {{
  driver = static
  mechanisms = plain login
  args = password={password}
}}
{oauth}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={dir}/home/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    address = 127.0.0.1
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
"""

_OAUTH = """
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {dir}/oauth2.conf
}}
"""
_ALL = "+"  # what Dovecot offers by itself
WITHOUT_IDLE = "IMAP4rev1 LITERAL+ ID ENABLE SASL-IR AUTH=PLAIN UIDPLUS"


@dataclass
class Dovecot:
    """`start`, deliver into it, `stop`; `kill` is what happens to servers."""

    folder: Path
    capability: str = _ALL
    introspection: str = ""  # an address that says whether a token holds, for XOAUTH2
    port: int = field(default_factory=lambda: free_port())
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> "Dovecot":
        for name in ("run", "state", "home"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        (self.folder / "dovecot.conf").write_text(self._conf())
        as_nobody = os.getuid() == 0
        if as_nobody:
            _give(self.folder)
        command = [_program(), "-F", "-c", str(self.folder / "dovecot.conf")]
        if as_nobody:
            command = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *command]
        self.process = subprocess.Popen(command, start_new_session=True)
        _wait_for(self.port, self.folder / "log")
        return self

    def _conf(self) -> str:
        uid, gid = (NOBODY, NOBODY) if os.getuid() == 0 else (os.getuid(), os.getgid())
        oauth = ""
        if self.introspection:
            oauth = _OAUTH.format(dir=self.folder)
            (self.folder / "oauth2.conf").write_text(
                f"introspection_url = {self.introspection}\nintrospection_mode = get\n"
                "username_attribute = email\nactive_attribute = active\nactive_value = true\n"
            )
        return _CONF.format(
            dir=self.folder, port=self.port, uid=uid, gid=gid, user=_name(uid), group=_group(gid),
            password=PASSWORD, capability=self.capability, oauth=oauth,
            more_mechanisms=" xoauth2 oauthbearer" if self.introspection else "",
        )  # fmt: skip

    def deliver(self, user: str, raw: bytes, folder: str = "INBOX") -> None:
        """Put a message into somebody's folder, as a client would (APPEND)."""
        with self.client(user) as client:
            client.append(folder, "", None, raw)

    def client(self, user: str):  # type: ignore[no-untyped-def]
        """A plain connection of the tests' own, signed in."""
        import imaplib

        client = imaplib.IMAP4("127.0.0.1", self.port, timeout=10)
        client.login(user, PASSWORD)
        return client

    def count_anew(self, user: str) -> None:
        """Another UIDVALIDITY for the same messages: the server has lost its index and its list of UIDs."""
        self.stop()
        mails = self.folder / "home" / user / "Maildir"
        for name in (
            "dovecot-uidlist",
            "dovecot-uidvalidity",
            "dovecot.index",
            "dovecot.index.log",
            "dovecot.list.index",
        ):
            for path in mails.glob(f"{name}*"):
                path.unlink()
        time.sleep(1.1)  # Dovecot makes the new number of the second
        self.start()

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """As a machine that loses its power: no process of it says goodbye."""
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        if self.process is None:
            return
        if how == signal.SIGKILL:
            os.killpg(self.process.pid, signal.SIGKILL)
        else:
            self.process.send_signal(how)
        self.process.wait(10)
        if how == signal.SIGTERM:
            _gone(self.port)
        self.process = None


def _program() -> str:
    found = shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin:/usr/local/sbin")
    assert found, "Dovecot is missing: apt-get install dovecot-imapd (scripts/servers does it)"
    return found


def _give(folder: Path) -> None:
    """To nobody; and nobody may walk through the folders above, which pytest keeps to itself."""
    for path in [folder, *folder.rglob("*")]:
        os.chown(path, NOBODY, NOBODY)
    for parent in folder.parents:
        if parent.stat().st_mode & 0o011 != 0o011 and parent != Path("/"):
            parent.chmod(parent.stat().st_mode | 0o011)


def _name(uid: int) -> str:
    import pwd

    return pwd.getpwuid(uid).pw_name


def _group(gid: int) -> str:
    import grp

    return grp.getgrgid(gid).gr_name


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _wait_for(port: int, log: Path) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as one:
                if one.recv(4) == b"* OK":
                    return
        except OSError:
            time.sleep(0.05)
    raise AssertionError(f"Dovecot does not answer: {log.read_text()[-2000:] if log.exists() else 'no log'}")


def _gone(port: int) -> None:
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=0.2).close()
            time.sleep(0.05)
        except OSError:
            return
