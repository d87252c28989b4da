"""What the learning side gives to the whole: its pages, menu, permissions and clockwork."""

from datetime import timedelta

from backend.i18n import gettext as _
from backend.parts import MenuGroup, MenuItem, Part
from lms.assignments import outside_pages as outside
from lms.assignments import pages as requirements
from lms.attempts import staff_pages as extra_time
from lms.authoring import import_pages as questions
from lms.authoring import opening_pages as openings
from lms.authoring import pages as authoring
from lms.authoring import question_pages as bank
from lms.certificates import pages as certificates
from lms.certificates import staff_pages as issued
from lms.classes import change_pages as class_changes
from lms.classes import learner_pages as attending
from lms.classes import pages as classes
from lms.forum import pages as forum
from lms.reports import figures_pages as reports
from lms.seed import seed
from lms.study import files, offline_pages, quiz_pages, remind_pages
from lms.study import pages as study
from lms.surveys import pages as surveys

PART = Part(
    name="lms",
    routers=(
        classes.router,
        class_changes.router,
        attending.router,
        forum.router,
        surveys.router,
        questions.router,
        bank.router,
        openings.router,
        authoring.router,
        extra_time.router,
        outside.learner,
        outside.staff,
        requirements.router,
        reports.router,
        issued.router,
        offline_pages.router,
        quiz_pages.router,
        remind_pages.router,
        study.router,
        files.router,
        certificates.router,
    ),
    content=(files.content,),
    bodies={**questions.BODIES, **outside.BODIES},
    menu=(
        MenuItem(_("Học tập"), "/hoc", "training.learn", MenuGroup.TRAINING, of_person=True),
        MenuItem(_("Soạn khoá học"), authoring.HOME, "training.teach", MenuGroup.TRAINING),
        MenuItem(_("Lớp học tập trung"), classes.HOME, "training.teach", MenuGroup.TRAINING),
        MenuItem(_("Hỏi đáp bài học"), forum.HOME, "training.teach", MenuGroup.TRAINING),
        MenuItem(_("Khảo sát cuối khoá"), surveys.HOME, "training.teach", MenuGroup.TRAINING),
        MenuItem(_("Báo cáo đào tạo"), "/dao-tao/bao-cao", "training.report", MenuGroup.TRAINING),
        MenuItem(_("Chứng nhận đã cấp"), issued.FRONT, "training.report", MenuGroup.TRAINING),
        MenuItem(_("Yêu cầu đào tạo"), "/dao-tao/yeu-cau", "training.assign", MenuGroup.TRAINING),
    ),
    permissions={
        "training.learn": "Học các khoá bồi dưỡng",
        "training.teach": "Soạn và mở khoá học",
        "training.assign": "Đặt yêu cầu đào tạo, miễn, xét chứng nhận nơi khác",
        "training.report": "Xem báo cáo đào tạo",
    },
    periodic={
        "lms.close_overdue": timedelta(minutes=1),
        "lms.remind": timedelta(hours=6),
        "lms.forget_imports": timedelta(days=1),
    },
    readiness={"tệp tải lên": files.readiness},
    seed=seed,
)
