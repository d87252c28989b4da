"""A national record in its smallest form, and short ways to read one; for tests of importers."""

import json
from pathlib import Path
from typing import Any

from backend.procedures.importers import Parsed, read
from backend.procedures.published.documents import PublishedGroup, PublishedPaper, read_papers
from backend.procedures.published.fees import PublishedFee, read_fee
from backend.procedures.record import (
    Fee,
    Record,
)

NATIONAL: dict[str, Any] = {
    "code": "1.000001",
    "name": "Đăng ký việc thử",
    "url": "https://dichvucong.gov.vn/x",
    "decision": "1/QĐ-BTP",
    "levels": ["Cấp xã", "Cấp huyện"],
    "field": "Hộ tịch",
    "subjects": ["Công dân Việt Nam", "Cán bộ", "công chức", "viên chức"],
    "steps": "Bước 1: Nộp hồ sơ.\nBước 2: Nhận kết quả.",
    "methods": [],
    "cases": [],
    "legal": {"codes": [], "text": ""},
    "agency": "Ủy ban nhân dân cấp xã",
    "authority": "",
    "conditions": "Không",
    "results": [
        {"name": "Giấy", "code": ""},
        {"name": "KQ.G12.001251+ Văn bản từ chối.", "code": ""},
    ],
    "source": "chatbot-tthc/chatbot_tthc@2026-07",
}


def method(note: str, **fields: Any) -> dict[str, Any]:
    return {
        "channel": "direct", "duration": 3.0, "unit": "WORKING_DAY", "free": False, "fees": [],
        "note": note,
    } | fields  # fmt: skip


def lines(path: Path, *records: dict[str, Any] | str) -> Path:
    rows = (r if isinstance(r, str) else json.dumps(r, ensure_ascii=False) for r in records)
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def record(parsed: Parsed) -> Record:
    assert isinstance(parsed.found, Record), parsed.found
    return parsed.found


def national(tmp_path: Path, **fields: Any) -> Record:
    (only,) = read(lines(tmp_path / "national.jsonl", NATIONAL | fields))
    return record(only)


def fee(note: str, **fields: Any) -> Fee:
    found = read_fee(PublishedFee(note=note, **fields))
    assert found is not None
    return found


def papers(*rows: PublishedPaper, heading: str = "", procedure: str = "Đăng ký khai sinh"):
    return read_papers([PublishedGroup(heading, list(rows))], procedure)
