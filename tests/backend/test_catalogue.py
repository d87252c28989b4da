"""The product's own catalogue: every file in `backend/procedures/data` keeps its promises."""

import re
import unicodedata
from collections import defaultdict
from pathlib import Path

import pytest
import yaml

from backend.procedures import abolished
from backend.procedures.record import DocumentUse, Record, Tier
from nlu.text import fold

DATA = Path(abolished.__file__).parent / "data"
FILES = sorted(DATA.glob("*.yml"))


def load(path: Path) -> Record:
    return Record.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))


@pytest.fixture(params=[path.stem for path in FILES])
def path(request) -> Path:
    return DATA / f"{request.param}.yml"


@pytest.fixture
def record(path: Path) -> Record:
    return load(path)


def test_the_catalogue_covers_the_commune_procedures_people_ask_for_most() -> None:
    assert len(FILES) >= 30
    asked_most = {"1.001193", "1.000894", "1.000656", "1.004873", "2.000815", "1.004222"}
    assert asked_most <= {path.stem for path in FILES}


def test_file_name_is_the_code_and_the_record_says_it_is_ours(path: Path, record: Record) -> None:
    assert record.code == path.stem
    assert record.tier is Tier.SHIPPED


def test_text_is_composed_and_free_of_stray_characters(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert unicodedata.is_normalized("NFC", text)
    hidden = {char for char in text if unicodedata.category(char) in {"Cf", "Co", "Cn"}}
    assert not hidden, "invisible characters break searching and copying"
    assert not re.search(r"<[a-z/]|&[a-z]+;", text), "markup belongs in templates"


def test_nobody_is_sent_to_an_abolished_office(path: Path) -> None:
    # The whole file, folded lines joined: an office named in a note misleads as well.
    text = yaml.safe_dump(yaml.safe_load(path.read_text(encoding="utf-8")), allow_unicode=True)
    assert abolished.abolished_bodies(text) == []


def test_record_tells_what_a_citizen_needs(record: Record) -> None:
    assert record.summary
    assert record.summary.count(".") <= 3, "one or two sentences, not a lecture"
    assert record.field
    assert record.levels
    assert record.agencies
    assert record.receiving
    assert record.channels
    assert record.steps
    assert record.results
    assert record.legal_basis, "an answer must be able to say which law it rests on"


def test_there_is_a_paper_to_hand_in_or_to_show(record: Record) -> None:
    assert any(d.use in {DocumentUse.HAND_IN, DocumentUse.SHOW} for d in record.documents)


def test_counts_are_believable_and_notes_have_none(record: Record) -> None:
    for document in record.documents:
        counts = (document.originals, document.copies)
        if document.use is DocumentUse.NOTE:
            assert counts == (None, None), f"a note is not a paper: {document.name}"
        assert all(count <= 10 for count in counts if count), f"a fused number? {document.name}"


def test_every_deadline_is_exact_or_says_what_was_published(record: Record) -> None:
    for deadline in record.deadlines:
        assert (deadline.number is None) == (deadline.unit is None), "half a deadline"
        assert deadline.number is not None or deadline.text
        assert deadline.number is None or 0 < deadline.number <= 365, "a fused number?"


def test_every_charge_names_its_exemptions(record: Record) -> None:
    for fee in record.fees:
        assert fee.amount is not None or fee.text
        if fee.amount:
            assert fee.kind, "phí or lệ phí?"
            assert fee.per, "an amount pays for something"
        if fee.amount or (fee.amount is None and fee.kind == "Lệ phí"):
            assert fee.exemptions, "say who is exempt, or that the source names nobody"


def test_cases_used_are_declared_and_declared_cases_are_used(record: Record) -> None:
    declared = [case.key for case in record.cases]
    used = {document.case for document in record.documents}
    used |= {deadline.case for deadline in record.deadlines}
    used |= {fee.case for fee in record.fees}
    used |= {step.case for step in record.steps}

    assert len(declared) == len(set(declared))
    assert set(declared) == used - {None}
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", key) for key in declared)


def test_cases_are_situations_and_not_headings(record: Record) -> None:
    heading = re.compile(r"giấy tờ phải|phải nộp|phải xuất trình|lưu ý|hồ sơ gồm", re.IGNORECASE)
    for case in record.cases:
        assert not heading.search(case.name), case.name
        assert not case.question or case.question.endswith("?")


def test_deadlines_and_fees_speak_of_channels_that_exist(record: Record) -> None:
    kinds = {channel.kind for channel in record.channels}
    spoken_of = {deadline.channel for deadline in record.deadlines}
    spoken_of |= {fee.channel for fee in record.fees}
    assert spoken_of - {None} <= kinds


def test_sources_are_dated_and_say_whether_they_were_verified(path: Path, record: Record) -> None:
    assert any(source.date for source in record.sources)
    for source in yaml.safe_load(path.read_text(encoding="utf-8"))["sources"]:
        assert isinstance(source.get("verified"), bool), "verified or not must be written down"
        assert source["verified"] or source.get("note"), "say what remains to be checked"


def test_aliases_and_relations_point_elsewhere(record: Record) -> None:
    codes = [alias.code for alias in record.aliases] + list(record.related)
    assert record.code not in codes
    assert len(codes) == len(set(codes))
    assert all(re.fullmatch(r"\d\.\d{6}", code) for code in codes)


def test_lay_names_are_plentiful(record: Record) -> None:
    assert len(record.lay_names) >= 5
    assert all(name == name.strip() and len(name) <= 80 for name in record.lay_names)


def test_no_lay_name_belongs_to_two_procedures() -> None:
    owners: dict[str, list[str]] = defaultdict(list)
    for path in FILES:
        for name in load(path).lay_names:
            owners[fold(name)].append(path.stem)

    shared = {name: codes for name, codes in owners.items() if len(codes) > 1}
    assert not shared, "a name that means two procedures finds neither"


def test_no_alias_is_claimed_by_two_files_or_shipped_as_a_file_of_its_own() -> None:
    own = {path.stem for path in FILES}
    claimed = [alias.code for path in FILES for alias in load(path).aliases]

    assert not own & set(claimed)
    assert len(claimed) == len(set(claimed))
