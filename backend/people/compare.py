"""What a roster would change, row by row; pure: the directory is handed in as it stands.

The same rows compared again after they were applied change nothing.
"""

import difflib
import hashlib
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import cached_property

from backend.i18n import gettext as _
from backend.people.duties import Duty
from backend.people.entries import Entry
from nlu.text import fold


class Standing(StrEnum):
    """What becomes of a row."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    ERROR = "error"


@dataclass(frozen=True)
class Known:
    """Somebody of the directory; without an agency they have left."""

    person_id: int
    code: str
    name: str
    email: str
    phone: str
    born_on: date | None
    citizen_digest: str | None
    agency_id: int | None = None
    position: str = ""
    duty: Duty = Duty.NONE
    moved_on: date | None = None  # the first day of their newest place


@dataclass(frozen=True)
class Office:
    """An agency; one that was merged names its heir."""

    id: int
    code: str
    name: str
    heir: str = ""


@dataclass(frozen=True)
class Directory:
    """The directory on the day from which the roster holds, as one officer may change it."""

    people: Sequence[Known]
    offices: Sequence[Office]
    since: date
    scope: Collection[int] | None = None
    default_agency: int | None = None
    may_open: bool = False

    @cached_property
    def by_code(self) -> Mapping[str, Known]:
        """Whoever has this staff code."""
        return {known.code.casefold(): known for known in self.people}

    @cached_property
    def by_number(self) -> Mapping[str, Known]:
        """Whoever is the only one with this code, if a spreadsheet ate its zeros."""
        bare = Counter(known.code.lstrip("0") for known in self.people)
        return {k.code.lstrip("0"): k for k in self.people if bare[k.code.lstrip("0")] == 1}

    @cached_property
    def by_citizen(self) -> Mapping[str, Known]:
        """Whoever has this citizen number."""
        return {known.citizen_digest: known for known in self.people if known.citizen_digest}

    @cached_property
    def by_email(self) -> Mapping[str, Known]:
        """Whoever has this mailbox."""
        return {known.email: known for known in self.people if known.email}

    @cached_property
    def offices_by_word(self) -> Mapping[str, Office]:
        """Agencies by their code and, where it is the only one, their name."""
        named = Counter(fold(office.name) for office in self.offices if not office.heir)
        by_name = {
            fold(office.name): office for office in sorted(self.offices, key=lambda o: not o.heir)
            if office.heir or named[fold(office.name)] == 1
        }  # fmt: skip
        return by_name | {fold(office.code): office for office in self.offices}

    def office(self, agency_id: int | None) -> Office | None:
        """An agency by its id."""
        return self._offices.get(agency_id) if agency_id else None

    @cached_property
    def _offices(self) -> Mapping[int | None, Office]:
        return {office.id: office for office in self.offices}

    def may_change(self, agency_id: int | None) -> bool:
        """Whether this officer may write about people there."""
        return self.scope is None or (agency_id is not None and agency_id in self.scope)


@dataclass(frozen=True)
class Change:
    """One field, before and after."""

    field: str
    before: str
    after: str


@dataclass(frozen=True)
class Line:
    """One row of the roster and what becomes of it."""

    entry: Entry
    standing: Standing
    person_id: int | None = None
    agency_id: int | None = None
    opens: str = ""  # the code of an agency that must be opened first
    changes: tuple[Change, ...] = ()
    problems: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()

    @property
    def moves(self) -> bool:
        """Whether the place changes, not only what is known of the person."""
        return any(change.field in ("agency", "position", "duty") for change in self.changes)


@dataclass(frozen=True)
class Opening:
    """An agency that the roster names and the directory lacks."""

    code: str
    name: str
    people: int = 0


@dataclass(frozen=True)
class Plan:
    """All of it; `mark` is another one as soon as anything in it is."""

    lines: Sequence[Line]
    openings: Sequence[Opening]
    left: Sequence[Known]

    def count(self, standing: Standing) -> int:
        """How many rows stand like this."""
        return self.counts[standing]

    @cached_property
    def counts(self) -> Mapping[Standing, int]:
        """Rows by standing."""
        return Counter(line.standing for line in self.lines)

    @cached_property
    def mark(self) -> str:
        """A digest of what would be done."""
        done = [(line.standing, line.person_id, line.opens, line.changes) for line in self.lines]
        return hashlib.sha256(repr((done, self.openings, self.left)).encode()).hexdigest()[:24]


@dataclass
class _Comparison:
    directory: Directory
    rows_by_code: dict[str, int] = field(default_factory=dict)
    rows_by_person: dict[int, int] = field(default_factory=dict)
    rows_by_citizen: dict[str, int] = field(default_factory=dict)
    openings: dict[str, Opening] = field(default_factory=dict)

    def line(self, entry: Entry) -> Line:
        """Judge one row."""
        problems, doubts = list(entry.problems), list(entry.doubts)
        known = self._known(entry, problems, doubts)
        office, opens = self._office(entry, known, problems)
        if office and not self.directory.may_change(office.id):
            problems.append(_("Cơ quan “{name}” ngoài phạm vi anh/chị phụ trách.").format(
                name=office.name))  # fmt: skip
        agency_id = office.id if office else None
        if problems:
            return Line(
                entry, Standing.ERROR, known.person_id if known else None,
                problems=tuple(problems), doubts=tuple(doubts),
            )  # fmt: skip
        if opens:
            opening = self.openings.setdefault(opens, Opening(opens, entry.agency))
            self.openings[opens] = Opening(opens, opening.name, opening.people + 1)
        self._doubt_mailbox(entry, known, doubts)
        changes = _changes(entry, known, self.directory, agency_id, opens)
        standing = Standing.CHANGED if changes else Standing.UNCHANGED
        return Line(
            entry, standing if known else Standing.NEW, known.person_id if known else None,
            agency_id, opens, changes if known else (), (), tuple(doubts),
        )  # fmt: skip

    def _known(self, entry: Entry, problems: list[str], doubts: list[str]) -> Known | None:
        known = self._found(entry, doubts)
        if not entry.code and known is None:
            problems.append(_("Thiếu mã cán bộ."))
        self._refuse_twice(entry, known, problems)
        owner = self.directory.by_citizen.get(entry.citizen_digest)
        if owner and (known is None or owner.person_id != known.person_id):
            problems.append(self._taken(owner))
        if known is None:
            return None
        if known.agency_id is not None and not self.directory.may_change(known.agency_id):
            problems.append(_(
                "Mã này đang thuộc cơ quan ngoài phạm vi anh/chị phụ trách. Nếu người này chuyển "
                "về, xin đề nghị quản trị điều chuyển."
            ))  # fmt: skip
        if known.moved_on and known.moved_on > self.directory.since:
            problems.append(_(
                "Người này đã có thay đổi từ ngày {day}. Xin chọn ngày áp dụng từ đó trở đi."
            ).format(day=f"{known.moved_on:%d/%m/%Y}"))  # fmt: skip
        return known

    def _found(self, entry: Entry, doubts: list[str]) -> Known | None:
        if not entry.code:
            return self.directory.by_citizen.get(entry.citizen_digest)
        if known := self.directory.by_code.get(entry.code.casefold()):
            return known
        if entry.code_was_number:
            doubts.append(_(
                "Mã là ô kiểu số: số 0 ở đầu có thể đã mất. Xin định dạng cột mã là Văn bản (Text)."
            ))  # fmt: skip
            return self.directory.by_number.get(entry.code)
        return None

    def _refuse_twice(self, entry: Entry, known: Known | None, problems: list[str]) -> None:
        message = _("Trùng với dòng {row}: xin giữ lại một dòng.")
        earlier = self.rows_by_code.setdefault(entry.code.casefold() or f"\n{entry.row}", entry.row)
        if known:
            earlier = min(earlier, self.rows_by_person.setdefault(known.person_id, entry.row))
        if earlier == entry.row and entry.citizen_digest:
            earlier = self.rows_by_citizen.setdefault(entry.citizen_digest, entry.row)
            message = _("Số CCCD trùng với dòng {row}: xin kiểm tra lại.")
        if earlier != entry.row:
            problems.append(message.format(row=earlier))

    def _taken(self, owner: Known) -> str:
        if self.directory.may_change(owner.agency_id):
            return _("Số CCCD này đang là của {name}, mã {code}. Xin kiểm tra lại.").format(
                name=owner.name, code=owner.code
            )
        return _("Số CCCD này đã có ở cơ quan khác. Xin kiểm tra lại.")

    def _office(
        self, entry: Entry, known: Known | None, problems: list[str]
    ) -> tuple[Office | None, str]:
        words = [fold(word) for word in (entry.agency_code, entry.agency) if word]
        if not words:
            return self._usual_office(known, problems), ""
        for word in words[:1] if entry.agency_code else words:
            if office := self.directory.offices_by_word.get(word):
                if office.heir:
                    message = _("Cơ quan “{name}” đã nhập vào “{heir}”: xin ghi cơ quan mới.")
                    problems.append(message.format(name=office.name, heir=office.heir))
                return office, ""
        if entry.agency_code and entry.agency and self.directory.may_open:
            return None, entry.agency_code
        problems.append(self._unknown(entry))
        return None, ""

    def _usual_office(self, known: Known | None, problems: list[str]) -> Office | None:
        agency_id = self.directory.default_agency or (known.agency_id if known else None)
        if agency_id is None:
            problems.append(_("Thiếu cơ quan: thêm cột Cơ quan, hoặc chọn cơ quan khi gửi tệp."))
        return self.directory.office(agency_id)

    def _unknown(self, entry: Entry) -> str:
        given = entry.agency or entry.agency_code
        names = {fold(o.name): o.name for o in self.directory.offices if not o.heir}
        alike = difflib.get_close_matches(fold(given), names, n=1, cutoff=0.8)
        if alike:
            message = _("Cơ quan “{given}” chưa có trong danh mục. Có phải “{alike}”?")
            return message.format(given=given, alike=names[alike[0]])
        if self.directory.may_open:
            message = _("Cơ quan “{given}” chưa có trong danh mục. Ghi đủ mã và tên để mở mới.")
        else:
            message = _("Cơ quan “{given}” chưa có trong danh mục. Xin đề nghị quản trị mở trước.")
        return message.format(given=given)

    def _doubt_mailbox(self, entry: Entry, known: Known | None, doubts: list[str]) -> None:
        other = self.directory.by_email.get(entry.email) if entry.email else None
        if other and (known is None or other.person_id != known.person_id):
            doubts.append(_("Thư điện tử này đang dùng cho mã {code}.").format(code=other.code))


def compare(entries: Sequence[Entry], directory: Directory, *, is_whole: bool = True) -> Plan:
    """What the rows would change; with `is_whole` also who is in their agencies but not in them."""
    comparison = _Comparison(directory)
    lines = [comparison.line(entry) for entry in entries]
    left = _left(lines, directory) if is_whole else []
    return Plan(lines, list(comparison.openings.values()), left)


def _changes(
    entry: Entry, known: Known | None, directory: Directory, agency_id: int | None, opens: str
) -> tuple[Change, ...]:
    if known is None:
        return ()
    here = directory.office(known.agency_id)
    office = directory.office(agency_id)
    born = f"{entry.born_on:%d/%m/%Y}" if entry.born_on else ""
    was_born = f"{known.born_on:%d/%m/%Y}" if known.born_on else ""
    is_new_number = entry.citizen_digest and entry.citizen_digest != known.citizen_digest
    pairs = (
        ("name", known.name, entry.name),
        ("agency", here.name if here else "", office.name if office else opens),
        ("position", known.position, entry.position),
        ("duty", known.duty.value, entry.duty.value if entry.duty else ""),
        ("born_on", was_born, born),
        ("email", known.email, entry.email),
        ("phone", known.phone, entry.phone),
        ("citizen", "", "•" if is_new_number else ""),
    )
    changes = [Change(*pair) for pair in pairs if pair[2] and pair[1] != pair[2]]
    if known.agency_id == agency_id:  # two agencies of one name are told apart by their ids
        changes = [change for change in changes if change.field != "agency"]
    return tuple(changes)


def _left(lines: Sequence[Line], directory: Directory) -> list[Known]:
    """Those of the agencies in the file whom no row speaks of, not even one that is wrong."""
    covered = {line.agency_id for line in lines if line.agency_id is not None}
    if directory.default_agency:
        covered.add(directory.default_agency)
    named = {line.person_id for line in lines}
    doubtful = {fold(line.entry.name) for line in lines if line.standing is Standing.ERROR}
    return [
        known for known in directory.people
        if known.agency_id in covered and known.person_id not in named
        and fold(known.name) not in doubtful and directory.may_change(known.agency_id)
        and not (known.moved_on and known.moved_on > directory.since)
    ]  # fmt: skip
