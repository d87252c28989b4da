"""Nobody is sent to an office that no longer exists, whatever was published."""

import json

import pytest

from backend.procedures import service as procedures
from backend.procedures.abolished import abolished_bodies
from backend.procedures.record import (
    Agency,
    Document,
    LegalBasis,
    Step,
    Tier,
)
from backend.procedures.wording import for_citizens, may_name_abolished
from tests.backend.records import full, known, parsed, put


@pytest.mark.parametrize(
    ("published", "shown"),
    [
        ("Nộp tại UBND huyện nơi ở.", "Nộp tại Trung tâm Phục vụ hành chính công nơi ở."),
        ("Bộ phận Tiếp nhận và Trả kết quả UBND cấp huyện", "Trung tâm Phục vụ hành chính công"),
        ("Gửi hồ sơ đến Phòng Tư pháp", "Gửi hồ sơ đến Trung tâm Phục vụ hành chính công"),
        ("UBND cấp huyện quyết định.", "Cơ quan có thẩm quyền quyết định."),
        ("Chủ tịch UBND huyện ký", "Cơ quan có thẩm quyền ký"),
        ("do UBND huyện, Công an huyện", "do cơ quan có thẩm quyền"),
        ("xã gửi về UBND cấp huyện danh sách", "xã gửi về cơ quan có thẩm quyền danh sách"),
        ("nộp tại Công an huyện, quận, thị xã", "nộp tại cơ quan có thẩm quyền"),
        ("của Sở Giao thông vận tải và Sở Tài chính", "của cơ quan có thẩm quyền và Sở Tài chính"),
        ("theo Sở Lao động - Thương binh và Xã hội", "theo cơ quan có thẩm quyền"),
        ("là Cục thuế tỉnh, thành phố thuộc Trung ương nơi ở", "là cơ quan có thẩm quyền nơi ở"),
        ("cơ quan xác nhận của Ban A cấp huyện", "cơ quan xác nhận của cơ quan có thẩm quyền"),
        ("của cơ quan cấp huyện", "của cơ quan có thẩm quyền"),
        ("Giấy của UBND cấp huyện trước đây", "Giấy của UBND cấp huyện trước đây"),
        ("Ủy ban nhân dân cấp xã", "Ủy ban nhân dân cấp xã"),
    ],
)  # fmt: skip
def test_nobody_is_sent_to_a_closed_office(published, shown):
    assert for_citizens(published) == shown
    assert for_citizens(shown) == shown


def test_shown_records_name_no_closed_office_and_stored_ones_keep_it(session):
    put(
        session,
        full(
            Tier.IMPORTED,
            agencies=(Agency(name="UBND cấp huyện"), Agency(name="UBND cấp xã")),
            receiving="UBND huyện",
            steps=(Step(text="Nộp tại Sở Lao động - Thương binh và Xã hội."),),
            documents=(Document(name="Giấy xác nhận của Công an huyện"),),
            legal_basis=(LegalBasis(code="45/2025/NĐ-CP", title="Tổ chức của UBND huyện"),),
        ),
    )
    found = known(session)
    assert abolished_bodies(found.model_dump_json()) == []
    assert [agency.name for agency in found.agencies] == ["UBND cấp xã"]
    assert found.legal_basis == (LegalBasis(code="45/2025/NĐ-CP"),)
    plan = procedures.plan(session, parsed(full(Tier.IMPORTED)))
    assert "UBND huyện" in plan.changed[0].fields["receiving"][0]


@pytest.mark.parametrize(
    "office",
    [
        "UBND cấp huyện", "UBND quận", "Ủy ban nhân dân thị xã", "Công an thị trấn",
        "UBND thành phố thuộc tỉnh", "Phòng Tư pháp", "Phòng Nội vụ", "Phòng TN&MT",
        "Phòng Tài nguyên và Môi trường", "Phòng Lao động", "Phòng LĐTBXH", "Phòng GD&ĐT",
        "Phòng Giáo dục và Đào tạo", "Phòng Tài chính - Kế hoạch", "Phòng Kinh tế và Hạ tầng",
        "Phòng Quản lý đô thị", "Phòng Văn hóa và Thông tin", "Phòng Nông nghiệp và PTNT",
        "Sở Lao động - Thương binh và Xã hội", "Sở LĐTBXH", "Sở Thông tin và Truyền thông",
        "Sở TT&TT", "Sở Kế hoạch và Đầu tư", "Sở KH&ĐT", "Sở Giao thông vận tải", "Sở GTVT",
        "Sở Tài nguyên và Môi trường", "Sở TN&MT", "Sở Nông nghiệp và Phát triển nông thôn",
        "Sở NN&PTNT", "Chi cục Thuế khu vực", "Cục Thuế tỉnh",
    ],
)  # fmt: skip
def test_the_quick_look_misses_no_closed_office(office):
    assert abolished_bodies(office)
    broken = office.replace(" ", "\n", 1)
    stored = json.dumps(broken, ensure_ascii=False)
    assert all(map(may_name_abolished, (office, office.upper(), broken, stored)))
