"""An id that no row can have is no page; a database asked for one beyond 64 bits would fail."""

from collections.abc import Iterator

import pytest
from fastapi.routing import APIRoute

from backend.main import PARTS
from tests.lms.test_assignment_pages import send
from tests.lms.test_reports import province, sign_in
from tests.page import Browser

pytestmark = pytest.mark.usefixtures("database")
__all__ = ["province"]  # the fixture, for every test here as well

HUGE = (2**62, 2**63, 2**64, 10**40)
REPORT, REQUIREMENTS = "/dao-tao/bao-cao", "/dao-tao/yeu-cau"
OUTSIDE = "/dao-tao/chung-nhan-ngoai"
SHOWN = (
    f"{REPORT}?ky={{}}",
    f"{REPORT}/ke-hoach?ky={{}}",
    f"{REPORT}/gio-hoc?ky={{}}",
    f"{REPORT}/ky/{{}}/co-quan/1",
    f"{REPORT}/ky/1/co-quan/{{}}",
    f"{REPORT}/ky/1/co-quan/1/{{}}",
    f"{REPORT}/ky/{{}}/bao-cao.xlsx",
    f"{REPORT}/ky/{{}}/bao-cao.pdf",
    f"{REPORT}/ky/{{}}/gio-hoc.xlsx",
    f"{OUTSIDE}/{{}}/minh-chung",
)
SENT = (
    f"{REPORT}/ky/{{}}/chot",
    f"{REPORT}/ky/{{}}/dinh-chinh",
    f"{REQUIREMENTS}/{{}}/rut",
    f"{REQUIREMENTS}/{{}}/mien",
    f"{REQUIREMENTS}/{{}}/thoi-mien",
    f"{OUTSIDE}/{{}}",
)


def test_pages_of_no_row_are_not_there(page: Browser) -> None:
    sign_in(page, "thu")
    got = {(url, i): page.client.get(url.format(i)).status_code for url in SHOWN for i in HUGE}
    assert {asked: status for asked, status in got.items() if status != 404} == {}


def test_forms_for_no_row_go_nowhere(page: Browser) -> None:
    sign_in(page, "thu", REQUIREMENTS)
    got = {(url, i): send(page, url.format(i), ly_do="Thử") for url in SENT for i in HUGE}
    assert {asked: status for asked, status in got.items() if status != 404} == {}


def ids() -> Iterator[tuple[str, bool]]:
    """Every id in a path of ours, and whether it is bounded."""
    for part in PARTS:
        for router in part.routers:
            for route in router.routes:
                if isinstance(route, APIRoute):
                    for one in route.dependant.path_params:
                        if one.field_info.annotation is int:
                            bounds = [getattr(m, "lt", None) for m in one.field_info.metadata]
                            yield f"{route.path} {one.name}", any(bounds)


def test_every_id_in_a_path_is_bounded() -> None:
    found = dict(ids())
    assert len(found) > 30, "there are many"
    assert [path for path, is_bounded in found.items() if not is_bounded] == []
