"""Questions with their keys, for papers in every layout (tests/lms/papers.py)."""

from dataclasses import dataclass

LETTERS = "ABCDEF"


@dataclass(frozen=True)
class Q:
    """A question with its right choices."""

    text: str
    choices: tuple[str, ...]
    right: frozenset[int]


def _one(text: str, right: int, *choices: str) -> Q:
    return Q(text, choices, frozenset({right}))


STOCK = (
    _one("Mật khẩu nào khó đoán nhất?", 2, "123456", "Ngày sinh", "Một câu dài dễ nhớ",
         "Tên cơ quan"),
    _one("Thư lạ giục bấm đường dẫn, việc nên làm trước tiên là gì?", 0,
         "Gọi lại số đã biết để hỏi", "Bấm thử", "Chuyển cho đồng nghiệp", "Trả lời thư"),
    _one("Mã OTP được đưa cho ai?", 3, "Cán bộ ngân hàng", "Công an", "Người thân", "Không ai cả"),
    _one("Sự cố máy tính nhiễm mã độc được báo cho ai?", 1, "Không báo",
         "Cán bộ chuyên trách của cơ quan", "Báo chí", "Hàng xóm"),
    _one("Theo quy chế, USB nhặt được ở sân cơ quan thì xử lý ra sao?", 2, "Cắm vào máy xem của ai",
         "Mang về nhà", "Nộp cho bộ phận CNTT", "Cho bạn"),
    _one("Tệp lưu trên máy nên được sao lưu mấy nơi?", 1, "Một nơi", "Ít nhất hai nơi",
         "Không cần"),
    _one("Wi-Fi quán cà phê dùng để gửi văn bản mật được không?", 0, "Không được",
         "Được nếu gửi nhanh", "Được nếu có mật khẩu Wi-Fi", "Được vào buổi tối"),
    _one("Xác thực hai lớp gồm mật khẩu và gì nữa?", 3, "Họ tên", "Chức vụ", "Màu yêu thích",
         "Thứ chỉ mình ông/bà có, như điện thoại"),
)  # fmt: skip
SEVERAL = (
    Q("Những dấu hiệu nào là của thư lừa đảo?",
      ("Giục gấp", "Đòi mật khẩu", "Địa chỉ gửi quen thuộc, đã gọi lại", "Tệp .exe đính kèm"),
      frozenset({0, 1, 3})),
    Q("Việc nào nên làm hằng tuần?", ("Cập nhật phần mềm", "Đổi ghế", "Sao lưu", "Xoá nhật ký"),
      frozenset({0, 2})),
    Q("Ai phải giữ bí mật nhà nước?", ("Mọi công chức", "Chỉ lãnh đạo", "Người đã nghỉ việc",
      "Khách"), frozenset({0, 2})),
)  # fmt: skip
STATEMENTS = (
    ("Phần mềm diệt vi rút thay được mọi biện pháp khác.", False),
    ("Khoá màn hình khi rời bàn làm việc.", True),
    ("Mật khẩu được dán dưới bàn phím.", False),
    ("Lãnh đạo cũng phải học an toàn thông tin.", True),
)
