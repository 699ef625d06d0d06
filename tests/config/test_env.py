"""Settings: what is read, what is refused, and that each is described."""

import re
from pathlib import Path

import pytest

from mainstay.config.env import SETTINGS, checkout, read, running, unknown
from mainstay.errors import Refused

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"


def test_nothing_has_to_be_set() -> None:
    settings = read({})
    assert (settings.port, settings.smtp_port, settings.lmtp_port) == (8000, 2525, 2424)
    assert settings.base_url == "http://127.0.0.1:8000"
    assert settings.demo is True
    assert settings.debug is False


def test_links_begin_with_the_port_that_was_chosen() -> None:
    assert read({"MAINSTAY_PORT": "9000"}).base_url == "http://127.0.0.1:9000"
    assert (
        read({"MAINSTAY_BASE_URL": "https://help.vendor.example/"}).base_url == "https://help.vendor.example"
    )


def test_a_checkout_keeps_its_data_beside_the_code() -> None:
    root = checkout()
    assert root is not None
    assert read({}).data == root / ".data"


def test_the_secret_lives_in_the_data_folder_unless_said(tmp_path: Path) -> None:
    assert read({"MAINSTAY_DATA": str(tmp_path)}).secret_file == tmp_path / "secret.key"
    assert read({"MAINSTAY_SECRET_FILE": "/etc/mainstay.key"}).secret_file == Path("/etc/mainstay.key")


@pytest.mark.parametrize(
    ("name", "value", "right"),
    [
        ("MAINSTAY_PORT", "70000", "from 1 to 65535"),
        ("MAINSTAY_PORT", "0", "from 1 to 65535"),
        ("MAINSTAY_SMTP_PORT", "mail", "whole number"),
        ("MAINSTAY_LMTP_PORT", "²", "whole number"),
        ("MAINSTAY_WEB_WORKERS", "-1", "from 1 to 64"),
        ("MAINSTAY_BASE_URL", "help.vendor.example", "http://host:port"),
        ("MAINSTAY_BASE_URL", "http://[::1", "http://host:port"),
        ("MAINSTAY_RELAY", "mail.vendor.example:25", "smtp://host:port"),
        ("MAINSTAY_RELAY", "smtp://mail.vendor.example:port", "smtp://host:port"),
        ("MAINSTAY_SUPPORT_ADDRESS", "support", "support@vendor.example"),
        ("MAINSTAY_SUPPORT_ADDRESS", "a@b.example, c@d.example", "one mail address"),
        ("MAINSTAY_DEBUG", "maybe", "1 or 0"),
        ("DEMO", "2", "1 or 0"),
        ("MAINSTAY_PG_SHARED_BUFFERS", "lots", "256MB"),
        ("DATABASE_URL", "mysql://localhost/mainstay", "postgresql://host:port"),
    ],
)
def test_a_bad_value_is_one_line_that_names_the_setting(name: str, value: str, right: str) -> None:
    with pytest.raises(Refused) as refused:
        read({name: value})
    assert refused.value.field == name
    assert right in refused.value.message
    assert "\n" not in str(refused.value)


def test_a_refused_address_does_not_show_its_password() -> None:
    with pytest.raises(Refused) as refused:
        read({"MAINSTAY_RELAY": "http://vendor:s3cret@mail.vendor.example"})
    assert "s3cret" not in str(refused.value)


def test_one_database_address_serves_for_both_roles() -> None:
    one = "postgresql://app@db.vendor.example/mainstay"
    two = "postgresql://owner@db.vendor.example/mainstay"
    assert read({"DATABASE_URL": one}).database_owner_url == one
    both = read({"DATABASE_URL": one, "DATABASE_OWNER_URL": two})
    assert (both.database_url, both.database_owner_url) == (one, two)


def test_a_server_that_no_longer_answers_is_not_found(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "urls").write_text(f'{{"app": "postgresql://a@/m?host={tmp_path}", "owner": "x"}}')
    assert running(tmp_path) == {}
    assert read({"MAINSTAY_DATA": str(tmp_path)}).database_url == ""


def test_the_secret_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    environ = {"MAINSTAY_DATA": str(tmp_path / "data")}
    first, second = read(environ), read(environ)
    assert first.secret == second.secret
    assert len(first.secret) >= 48
    assert first.secret_file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in first.secret_file.parent.iterdir()] == ["secret.key"]


def test_each_purpose_has_a_key_of_its_own(tmp_path: Path) -> None:
    settings = read({"MAINSTAY_DATA": str(tmp_path)})
    assert settings.key("django") == settings.key("django")
    assert settings.key("django") != settings.key("mail reply 1")


def test_a_short_secret_is_refused(tmp_path: Path) -> None:
    (tmp_path / "secret.key").write_text("hunter2\n")
    with pytest.raises(Refused, match="MAINSTAY_SECRET_FILE"):
        _ = read({"MAINSTAY_DATA": str(tmp_path)}).secret


def test_a_misspelt_setting_is_noticed() -> None:
    assert unknown({"MAINSTAY_PROT": "9000", "MAINSTAY_PORT": "9000", "HOME": "/"}) == ["MAINSTAY_PROT"]


def test_every_setting_is_described_with_its_default() -> None:
    rows = re.findall(r"^\| `([A-Z_]+)` \| ([^|]*) \| ([^|]+) \|$", PAGE.read_text(), flags=re.MULTILINE)
    described = {name: default.replace("`", "").strip() for name, default, _ in rows}
    assert described == {setting.name: setting.default for setting in SETTINGS}


def test_no_setting_is_read_that_is_not_described() -> None:
    code = (PAGE.parents[1] / "src" / "mainstay" / "config" / "env.py").read_text()
    read_ones = set(re.findall(r'value\.\w+\("([A-Z_]+)"', code))
    assert read_ones == {setting.name for setting in SETTINGS}
