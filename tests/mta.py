"""A real mail server for the tests: Debian's Exim, unprivileged, on 127.0.0.1, gone with the test.

OpenSMTPD and Postfix start as root only; Exim runs as whoever calls it with a configuration of one's own. It takes
what we send (STARTTLS, a password), and hands mail for our addresses to our LMTP or SMTP server, keeping what it
cannot hand over in its own spool.
"""

import os
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

NOBODY = 65534
USER, PASSWORD = "mainstay", "harbour-light"

_CONF = """
primary_hostname = mx.test.example
spool_directory = {dir}/spool
log_file_path = {dir}/log/%slog
pid_file_path = {dir}/exim.pid
exim_user = {user}
exim_group = {group}
never_users =
admin_groups = {group}
trusted_groups = {group}
local_interfaces = 127.0.0.1
daemon_smtp_ports = {port}
tls_advertise_hosts = *
tls_certificate = {dir}/cert.pem
tls_privatekey = {dir}/key.pem
auth_advertise_hosts = *
acl_smtp_rcpt = rcpt
acl_smtp_data = data
queue_run_max = 2
message_logs = false
disable_ipv6 = true
smtp_accept_max = 50
keep_environment =
begin acl
rcpt:
  defer condition = ${{if exists{{{dir}/defer}}}}
        message = not now
  accept domains = {ours}
  accept authenticated = *
  deny
data:
  accept
begin routers
ours:
  driver = manualroute
  domains = {ours}
  transport = to_us
  route_list = * 127.0.0.1 byname
  self = send
kept:
  driver = accept
  transport = folder
begin transports
to_us:
  driver = smtp
  protocol = {protocol}
  port = {back}
  hosts_try_chunking =
  allow_localhost
  connect_timeout = 5s
  command_timeout = 10s
  data_timeout = 10s
  final_timeout = 20s
folder:
  driver = appendfile
  directory = {dir}/arrived
  maildir_format
  create_directory
  user = {user}
  group = {group}
begin retry
* * F,1h,1s
begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_condition = ${{if and{{{{eq{{$auth2}}{{{name}}}}}{{eq{{$auth3}}{{{password}}}}}}}}}
  server_set_id = $auth2
"""


def program() -> str | None:
    """Where Exim is; None when it is not installed."""
    return shutil.which("exim4", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")


@dataclass
class Mta:
    """One server in a folder of its own. `back` is the port of ours that it hands mail to."""

    dir: Path
    back: int
    protocol: str = "lmtp"
    ours: str = "vendor.example"
    port: int = field(default_factory=lambda: _free())
    daemon: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        self._prepare()
        self.daemon = subprocess.Popen(
            [str(program()), "-C", str(self.dir / "conf"), "-bdf", "-q1s"],
            **self._as_nobody(), stdout=subprocess.DEVNULL, stderr=(self.dir / "err").open("wb"),
            start_new_session=True,
        )  # fmt: skip
        deadline = time.monotonic() + 60
        while not _answers(self.port):
            if self.daemon.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"exim did not start: {(self.dir / 'err').read_text()}")
            time.sleep(0.1)

    def kill(self) -> None:
        """At once and whole, children too; its spool stays."""
        if self.daemon is not None:
            os.killpg(self.daemon.pid, signal.SIGKILL)
            self.daemon.wait()
            self.daemon = None

    def flush(self) -> None:
        """Try everything in the spool now, whatever it has decided about retries."""
        subprocess.run(
            [str(program()), "-C", str(self.dir / "conf"), "-qff"], **self._as_nobody(), check=False, timeout=120,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def defer(self, on: bool) -> None:
        """Answer every recipient with 4xx, or not."""
        place = self.dir / "defer"
        place.touch() if on else place.unlink(missing_ok=True)

    def waiting(self) -> int:
        return len(list((self.dir / "spool").rglob("*-H")))

    def arrived(self, wanted: int = 0, within: float = 60.0) -> list[bytes]:
        """What it was given for the outer world; waits until that many are there."""
        deadline = time.monotonic() + within
        while len(list((self.dir / "arrived" / "new").glob("*"))) < wanted and time.monotonic() < deadline:
            time.sleep(0.1)
        return [one.read_bytes() for one in sorted((self.dir / "arrived" / "new").glob("*"))]

    def _as_nobody(self) -> dict[str, Any]:
        return {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.getuid() == 0 else {}

    def _prepare(self) -> None:
        if (self.dir / "conf").exists():
            return
        for name in ("spool", "log", "arrived"):
            (self.dir / name).mkdir(parents=True, exist_ok=True)
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
             "-addext", "subjectAltName=IP:127.0.0.1",
             "-keyout", str(self.dir / "key.pem"), "-out", str(self.dir / "cert.pem")],
            check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        root = os.getuid() == 0
        conf = _CONF.format(
            dir=self.dir, port=self.port, back=self.back, protocol=self.protocol, ours=self.ours, name=USER,
            password=PASSWORD, user=NOBODY if root else os.getuid(), group=NOBODY if root else os.getgid(),
        )  # fmt: skip
        (self.dir / "conf").write_text(conf)
        if root:
            for one in (self.dir, *self.dir.rglob("*")):
                os.chown(one, NOBODY, NOBODY)


def _free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _answers(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), 1) as wire:
            wire.settimeout(5)
            return wire.recv(3) == b"220"
    except OSError:
        return False
