"""Nobody is sent to an office that was closed in 2025."""

import unicodedata

import pytest

from backend.procedures.abolished import abolished_bodies


@pytest.mark.parametrize(
    "text",
    [
        "Nộp tại UBND huyện",
        "Nộp tại Ủy ban nhân dân quận Ninh Kiều",
        "Uỷ ban nhân dân thị xã Giá Rai",
        "UBND cấp huyện nơi cư trú",
        "Công an huyện",
        "công an cấp huyện",
        "Công an thị trấn",
        "Phòng Tư pháp",
        "Phòng Lao động - Thương binh và Xã hội",
        "Phòng Tài nguyên và Môi trường",
        "Phòng Tài chính \u2013 Kế hoạch",
        "Sở LĐTBXH",
        "Sở LĐ-TB&XH",
        "Sở Lao động \u2013 Thương binh và Xã hội",
        "Sở TT&TT",
        "Sở Thông tin và Truyền thông",
        "Sở Kế hoạch và Đầu tư",
        "Sở Giao thông vận tải",
        "Sở Tài nguyên và Môi trường",
        "Sở Nông nghiệp và Phát triển nông thôn",
        "BHXH huyện",
        "cơ quan Bảo hiểm xã hội cấp huyện",
        "Toà án nhân dân huyện",
        "Chi cục Thuế khu vực",
        "Cục Thuế tỉnh",
        "Ban Chỉ huy quân sự cấp huyện",
        "Trung tâm Y tế huyện",
    ],
)
def test_a_closed_office_is_found(text: str) -> None:
    assert abolished_bodies(text), text
    assert abolished_bodies(unicodedata.normalize("NFD", text)), "decomposed letters hide it"
    assert abolished_bodies(text.replace(" ", "\n")), "a line break hides it"
    assert abolished_bodies(text.upper()), "capitals hide it"


@pytest.mark.parametrize(
    "text",
    [
        "UBND cấp xã",
        "Trung tâm Phục vụ hành chính công xã, phường",
        "Công an cấp xã nơi cư trú",
        "Phòng Cảnh sát quản lý hành chính về trật tự xã hội, Công an tỉnh",
        "Sở Tư pháp",
        "Sở Nông nghiệp và Môi trường",
        "Sở Khoa học và Công nghệ",
        "Sở Xây dựng",
        "Sở Tài chính",
        "Tòa án nhân dân khu vực",
        "Thuế cơ sở",
        "Bảo hiểm xã hội cơ sở",
        "Phòng Văn hóa - Xã hội của xã",
        "Phòng không - Không quân",
        "Chi cục Thuế doanh nghiệp lớn",
        "Công an quan tâm, Bảo hiểm xã hội quân đội",
        "giấy khai sinh do UBND cấp huyện trước đây cấp",
        "đã đăng ký tại Công an huyện (cũ)",
        "",
    ],
)
def test_what_exists_or_lies_in_the_past_is_left_alone(text: str) -> None:
    assert abolished_bodies(text) == []


def test_each_name_is_reported_once_in_order_as_written() -> None:
    text = "Nộp ở Phòng Tư pháp, sau đó Công an huyện, rồi trở lại Phòng Tư pháp."

    assert abolished_bodies(text) == ["Phòng Tư pháp", "Công an huyện"]
