"""The running configuration and the file: out, in again, the same hash; a broken file changes nothing (P2, N2)."""

import pytest

from mainstay.catalogue import exporting, loading, publish
from mainstay.catalogue.models import DeskPolicy, Package, ServiceLevel
from mainstay.errors import Refused
from mainstay.policy.compile import digest
from mainstay.policy.read import read
from policy.promised import EXAMPLES, parts_of


def versions():
    return {(type(one).__name__, one.code, one.version) for model in (DeskPolicy, ServiceLevel, Package)
            for one in model.objects.all()}  # fmt: skip


def exported(capsys):
    """The running policy as text, and the hash that is told beside it."""
    capsys.readouterr()
    assert exporting.main([]) == 0
    said = capsys.readouterr()
    return said.out, said.err.strip()


def test_a_new_desk_exports_the_ninth_example(cast, capsys):
    text, name = exported(capsys)
    assert read(text) == parts_of("mainstay")
    assert name == digest(parts_of("mainstay"))


def test_load_edit_export_load_gives_the_same_hash(cast, capsys, tmp_path):
    file = tmp_path / "policy.toml"
    text, _ = exported(capsys)
    file.write_text(text.replace('targets = { Critical = "1h", Moderate = "4h", Low = "1bd" }',
                                 'targets = { Critical = "45m", Moderate = "4h", Low = "1bd" }', 1))  # fmt: skip
    assert loading.main([str(file), "--reason", "quicker"]) == 0
    *said, name = capsys.readouterr().out.splitlines()
    assert len(said) == 1
    assert said[0].startswith("level High Priority: first response, severity 1")
    before = versions()
    again, other = exported(capsys)
    file.write_text(again)
    assert other == name
    assert loading.main([str(file)]) == 0
    assert capsys.readouterr().out.splitlines() == ["Nothing differs.", name]
    assert versions() == before


@pytest.mark.parametrize(
    "name",
    [
        "hivemq",
        "redhat",
        "github",
        "atlassian",
        "edb",
        "saviynt",
        "iamcloud",
        "genesys",
        "fjordline",
        "halcyon",
    ],
)
def test_every_vendors_policy_can_run(cast, capsys, name):
    assert loading.main([str(EXAMPLES / f"{name}.toml")]) == 0
    capsys.readouterr()
    text, told = exported(capsys)
    parts = read(text)
    assert told == digest(parts)
    assert parts == parts_of(name)
    assert publish.export_parts() == parts


def test_a_broken_file_never_replaces_a_working_policy(cast, capsys, tmp_path):
    before = versions()
    file = tmp_path / "policy.toml"
    for text in ("", "format = 2", (EXAMPLES / "edb.toml").read_text().replace('"4h always"', '"4h alway"')):
        file.write_text(text)
        assert loading.main([str(file)]) == 2
    with pytest.raises(Refused):
        loading.main([str(tmp_path / "none.toml")])
    assert versions() == before


def test_trying_out_says_what_would_change_and_changes_nothing(cast, capsys):
    before = versions()
    assert loading.main([str(EXAMPLES / "edb.toml"), "--dry-run"]) == 0
    assert "package Remote DBA is new" in capsys.readouterr().out
    assert versions() == before
