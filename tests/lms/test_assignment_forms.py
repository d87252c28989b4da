"""A form about requirements that is refused says why at its field and loses nothing typed."""

import pytest

from tests.lms.course import CODE
from tests.lms.test_assignment_pages import OUTSIDE, REQUIREMENTS, agency_id
from tests.lms.test_reports import period_id, province, sign_in
from tests.page import Browser, words

pytestmark = pytest.mark.usefixtures("database")
__all__ = ["province"]  # the fixture, for every test here as well

TYPED = {"khoa": CODE, "noi_cap": "Học viện", "so": "12/CN", "ngay_cap": "2026-03-01",
         "het_han": "2027-03-01"}  # fmt: skip


@pytest.mark.parametrize(
    ("slip", "at"),
    [({"ngay_cap": "hôm qua"}, "ngay_cap"), ({"ngay_cap": ""}, "ngay_cap"),
     ({"ngay_cap": "2026-05-05"}, "ngay_cap"), ({"het_han": "2026-02-01"}, "het_han"),
     ({"noi_cap": ""}, "noi_cap"), ({}, "tep")],
)  # fmt: skip
def test_a_refused_certificate_gives_back_what_was_typed(
    page: Browser, slip: dict[str, str], at: str
) -> None:
    sign_in(page, "mai", OUTSIDE)
    refused = page.post(OUTSIDE, TYPED | slip, status=422, queries=24)
    fault = words(refused.one("p", id=f"o-{at}-loi"))
    assert fault in words(refused.one("div", class_="alert"))
    for name, value in ({**TYPED, **slip}).items():
        if name != "khoa":
            assert refused.one("input", name=name).get("value") == value
    assert refused.one("option", selected="").get("value") == CODE


@pytest.mark.parametrize(
    ("slip", "at"),
    [({"han": ""}, "han"), ({"han": "2027-06-30"}, "han"), ({"doi_tuong": "ai"}, "doi_tuong"),
     ({"chi_tieu": "chín mươi"}, "chi_tieu"), ({"chi_tieu": "0"}, "chi_tieu"),
     ({"chi_tieu": "120"}, "chi_tieu")],
)  # fmt: skip
def test_a_refused_requirement_gives_back_what_was_typed(
    page: Browser, slip: dict[str, str], at: str
) -> None:
    given = {"ky": str(period_id()), "khoa": CODE, "doi_tuong": "ict", "han": "2026-07-01",
             "co_quan": str(agency_id("B")), "chi_tieu": "90", "con_gia_tri": "1",
             **slip}  # fmt: skip
    sign_in(page, "thu", REQUIREMENTS)
    refused = page.post(f"{REQUIREMENTS}/them", given, status=422, queries=24)
    assert words(refused.one("p", id=f"o-{at}-loi"))
    for name in ("han", "chi_tieu"):
        assert refused.one("input", name=name).get("value") == given[name]
    chosen = {option.get("value") for option in refused.all("option", selected="")}
    assert {given["ky"], given["khoa"], given["co_quan"]} <= chosen
    assert ("ict" in chosen) is (given["doi_tuong"] == "ict")
    assert refused.one("input", name="con_gia_tri").get("checked") is not None


def test_a_refused_period_gives_back_what_was_typed(page: Browser) -> None:
    sign_in(page, "thu", REQUIREMENTS)
    given = {"ten": "Năm 2027", "tu": "2027-12-15", "den": "2026-12-14"}
    refused = page.post(f"{REQUIREMENTS}/ky", given, status=422, queries=24)
    assert words(refused.one("p", id="o-den-loi")) == "Ngày cuối kỳ phải sau ngày đầu kỳ."
    for name, value in given.items():
        assert refused.one("input", name=name).get("value") == value
