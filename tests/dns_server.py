"""A DNS server for the tests: UDP on 127.0.0.1, with the TXT records it is given."""

import socket
import threading
from dataclasses import dataclass, field

import dns.flags
import dns.message
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset


@dataclass
class Dns:
    """`records`: name -> texts. Names in `silent` get no answer at all. `asked` keeps every question."""

    records: dict[str, list[str]] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    dead: bool = False

    def start(self) -> "Dns":
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    @property
    def where(self) -> str:
        return f"127.0.0.1:{self.socket.getsockname()[1]}"

    def stop(self) -> None:
        self.socket.close()

    def _serve(self) -> None:
        while True:
            try:
                data, client = self.socket.recvfrom(4096)
                answer = self._answer(data)
                if answer:
                    self.socket.sendto(answer, client)
            except OSError:
                return

    def _answer(self, data: bytes) -> bytes | None:
        query = dns.message.from_wire(data)
        question = query.question[0]
        name = question.name.to_text().rstrip(".").lower()
        self.asked.append(name)
        if self.dead or name in self.silent:
            return None
        response = dns.message.make_response(query)
        response.flags |= dns.flags.RA
        texts = self.records.get(name)
        if texts is None:
            response.set_rcode(dns.rcode.NXDOMAIN)
        elif question.rdtype == dns.rdatatype.TXT:
            for text in texts:
                parts = " ".join(f'"{text[i : i + 250]}"' for i in range(0, len(text), 250))
                rows = dns.rrset.from_text(question.name, 60, dns.rdataclass.IN, dns.rdatatype.TXT, parts)
                found = next((r for r in response.answer if r.name == question.name), None)
                if found is None:
                    response.answer.append(rows)
                else:
                    found.update(rows)  # type: ignore[no-untyped-call]
        return response.to_wire()
