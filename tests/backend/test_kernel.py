"""Database sessions, limits, secrets, settings, words: what everything else stands on."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError, StatementError

from backend import config, db, i18n, ids, limits, log, security
from backend.limits import LimitEvent, Rule

RULE = Rule("t.three_a_minute", 3, timedelta(minutes=1))
NOW = datetime(2026, 1, 5, tzinfo=UTC)


def add(session, subject: str = "x") -> None:
    limits.count(session, RULE, subject, now=NOW)


def stored() -> int:
    with db.reading() as session:
        return len(session.scalars(select(LimitEvent)).all())


def test_everything_in_a_transaction_is_stored_or_nothing(database) -> None:
    def break_halfway() -> None:
        with db.transaction() as session:
            add(session)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        break_halfway()
    assert stored() == 0


def test_a_read_cannot_write_on_sqlite_and_keeps_nothing_anywhere(database) -> None:
    if database.is_sqlite:
        with pytest.raises(DBAPIError), db.reading() as session:
            add(session)
    else:
        with db.reading() as session:
            add(session)
    assert stored() == 0


def test_transactions_do_not_nest(database) -> None:
    with db.transaction(), pytest.raises(RuntimeError, match="nest"), db.transaction():
        pass


def test_a_rehearsal_is_always_undone(database) -> None:
    with db.rehearsal() as session:
        add(session)
    assert stored() == 0


def test_hooks_run_after_the_commit_and_only_then(database) -> None:
    seen: list[int] = []
    with db.transaction() as session:
        add(session)
        db.after_commit(session, lambda: seen.append(stored()))
        assert seen == []
    assert seen == [1]


def test_hot_writes_from_many_threads_are_all_stored_and_failures_stay_alone(database) -> None:
    failures: list[BaseException] = []

    def work(number: int) -> None:
        def write(session) -> int:
            add(session, str(number))
            if number % 10 == 0:
                raise ValueError(number)
            return number

        try:
            assert db.write(write) == number
        except ValueError as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(failures) == 5
    assert stored() == 45


def test_a_reader_does_not_wait_for_a_writer(database) -> None:
    with db.transaction() as session:
        add(session)
        result: list[int] = []
        reader = threading.Thread(target=lambda: result.append(stored()))
        reader.start()
        reader.join(timeout=2)
        assert result == [0], "a reader sees the last commit, at once"


def test_a_moment_without_a_zone_is_refused(database) -> None:
    naive = datetime(2026, 1, 5)  # noqa: DTZ001 (on purpose)
    with pytest.raises(StatementError, match="time zone"), db.transaction() as session:
        limits.count(session, RULE, "x", now=naive)


def test_a_refusal_is_counted_by_rows_and_says_when_to_come_back(session) -> None:
    for _ in range(3):
        assert limits.hit(session, RULE, "a", now=NOW).allowed
    refused = limits.hit(session, RULE, "a", now=NOW + timedelta(seconds=20))
    assert not refused.allowed
    assert 39 <= refused.retry_after <= 42
    assert limits.hit(session, RULE, "b", now=NOW).allowed, "somebody else is not affected"
    assert limits.hit(session, RULE, "a", now=NOW + timedelta(seconds=61)).allowed


def test_passwords_and_unknown_people() -> None:
    stored_form = security.hash_password("mật khẩu dài")
    assert security.check_password(stored_form, "mật khẩu dài")
    assert not security.check_password(stored_form, "mật khẩu khác")
    assert not security.check_password(None, "mật khẩu dài")
    assert stored_form.startswith("$argon2id$")


@given(st.text())
def test_a_signature_is_good_for_its_purpose_only(text: str) -> None:
    signed = security.sign("receipt", text)
    assert security.unsign("receipt", signed) == text
    assert security.unsign("form", signed) is None
    assert security.unsign("receipt", signed[:-1] + ("A" if signed[-1] != "A" else "B")) is None


@given(st.text())
def test_nonsense_is_no_signature(text: str) -> None:
    assert security.unsign("receipt", text) is None


def test_two_empty_secrets_are_not_the_same() -> None:
    assert not security.same("", "")


def test_tokens_are_long_and_stored_as_digests() -> None:
    assert len(ids.token()) >= 22
    assert ids.token() != ids.token()
    assert len(ids.digest("x")) == 64
    with pytest.raises(ValueError, match="128"):
        ids.token(64)


@pytest.mark.parametrize(
    ("text", "leaked"),
    [
        ("gọi 0912345678 nhé", "0912345678"),
        ("cccd 079123456789", "079123456789"),
        ("mail lan@example.com", "lan@example.com"),
        ("https://api/bot123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw/send", "AAHdq"),
    ],
)
def test_logs_keep_no_personal_number_and_no_token(text: str, leaked: str) -> None:
    assert leaked not in log.masked(text)


def test_a_dossier_code_may_be_logged() -> None:
    assert log.masked("H12.04-260105-0001") == "H12.04-260105-0001"


def test_production_refuses_what_is_for_development() -> None:
    bad = config.read({"DEMO_ACCOUNTS": "true", "LOOKUP_LIMITS": "false"})
    names = {sentence.split(":")[0] for sentence in bad.problems()}
    assert {"SECRET_KEY", "DEMO_ACCOUNTS", "CODE_SENDER", "LOOKUP_LIMITS", "HOTLINE"} <= names
    good = config.read(
        {
            "SECRET_KEY": "x" * 40, "CODE_SENDER": "sms", "HOTLINE": "02913822222",
            "SMS_GATEWAY_URL": "http://127.0.0.1:1/sms",
        }
    )  # fmt: skip
    assert good.problems() == []


def test_a_secret_may_lie_in_a_file(tmp_path) -> None:
    file = tmp_path / "key"
    file.write_text("from a file\n")
    assert config.read({"SECRET_KEY_FILE": str(file)}).secret_key == "from a file"
    with pytest.raises(config.SettingsError, match="SECRET_KEY_FILE"):
        config.read({"SECRET_KEY_FILE": str(tmp_path / "missing")})


def test_a_bad_setting_is_named() -> None:
    with pytest.raises(config.SettingsError, match="PORT"):
        config.read({"PORT": "eight thousand"})


def test_money_numbers_days_and_telephones_as_people_read_them() -> None:
    moment = datetime(2026, 1, 5, 7, 5, tzinfo=UTC)
    assert i18n.money(50_000) == "50.000 đ"
    assert i18n.number(1234.5) == "1.234,5"
    assert i18n.moment(moment) == "14:05 ngày 05/01/2026"
    assert i18n.day(moment) == "05/01/2026"
    assert i18n.phone("02913822222") == "0291 3822 222"
