"""What the learning side gives to the whole: its pages, menu, permissions and clockwork."""

from datetime import timedelta

from backend.parts import MenuItem, Part
from lms.certificates import pages as certificates
from lms.seed import seed
from lms.study import pages as study
from lms.study import quiz_pages

PART = Part(
    name="lms",
    routers=(quiz_pages.router, study.router, study.files, certificates.router),
    menu=(MenuItem("Học tập", "/hoc", "training.learn"),),
    permissions={
        "training.learn": "Học các khoá bồi dưỡng",
        "training.teach": "Soạn và mở khoá học",
        "training.report": "Xem báo cáo đào tạo",
    },
    periodic={"lms.close_overdue": timedelta(minutes=1)},
    seed=seed,
)
