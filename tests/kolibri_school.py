"""Run in Kolibri's own Python: a class with eight lessons and a quiz, by its own models.

Prints as JSON what a browser would have learned on the way: ids of the class, the quiz and the
exercises, and each question with its exercise. The learners are `hv0`, `hv1`…, as many as asked
for; the facility was provisioned by `kolibri manage provisiondevice` before.
"""

# mypy: disable-error-code="import-not-found"

import json
import sys
import uuid

from kolibri.utils.main import initialize

initialize(skip_update=True)

from django.contrib.auth.hashers import make_password  # noqa: E402  (only after initialize)
from django.utils import timezone  # noqa: E402
from kolibri.core.auth.models import Classroom, Facility, FacilityUser  # noqa: E402
from kolibri.core.content.models import (  # noqa: E402
    AssessmentMetaData,
    ChannelMetadata,
    ContentNode,
)
from kolibri.core.exams.models import Exam, ExamAssignment  # noqa: E402
from kolibri.core.lessons.models import Lesson, LessonAssignment  # noqa: E402


def fresh() -> str:
    return uuid.uuid4().hex


def make_channel(documents: int, questions: int) -> tuple[list[ContentNode], ContentNode]:
    """A channel with documents to read and one exercise of that many questions."""
    channel, root = fresh(), fresh()
    common = {"channel_id": channel, "available": True, "on_device_resources": 1}
    top = ContentNode.objects.create(
        id=root, content_id=fresh(), kind="topic", title="An ninh mang", **common
    )
    ChannelMetadata.objects.create(
        id=channel, name="An ninh mang", min_schema_version="4", root=top,
        last_updated=timezone.now(),
    )  # fmt: skip
    read = [
        ContentNode.objects.create(
            id=fresh(), content_id=fresh(), kind="document", parent=top, title=f"Bai {n}", **common
        )
        for n in range(documents)
    ]
    exercise = ContentNode.objects.create(
        id=fresh(), content_id=fresh(), kind="exercise", parent=top, title="Kiem tra", **common
    )
    AssessmentMetaData.objects.create(
        id=fresh(), contentnode=exercise, number_of_assessments=questions,
        assessment_item_ids=[fresh() for _ in range(questions)],
        mastery_model={"type": "do_all"}, randomize=True, is_manipulable=True,
    )  # fmt: skip
    return read, exercise


def main(password: str, learners: int, sections: int, documents: int, questions: int) -> None:
    facility = Facility.get_default_facility()
    admin = FacilityUser.objects.get(username="admin")
    read, exercise = make_channel(documents, questions)
    room = Classroom.objects.create(name="Lop", parent=facility)
    hashed = make_password(password)
    for number in range(learners):
        user = FacilityUser.objects.create(
            username=f"hv{number}", full_name=f"Hoc vien {number}", password=hashed,
            facility=facility,
        )  # fmt: skip
        room.add_member(user)
    for number in range(sections):
        resources = [
            {"contentnode_id": n.id, "content_id": n.content_id, "channel_id": n.channel_id}
            for n in read[number::sections]
        ]
        lesson = Lesson.objects.create(
            title=f"Phan {number}", resources=resources, is_active=True, collection=room,
            created_by=admin,
        )  # fmt: skip
        LessonAssignment.objects.create(lesson=lesson, collection=room, assigned_by=admin)
    items = exercise.assessmentmetadata.first().assessment_item_ids
    asked = [
        {"exercise_id": exercise.id, "question_id": item, "title": "Kiem tra",
         "counter_in_exercise": n + 1, "item": f"{exercise.id}:{item}"}
        for n, item in enumerate(items)
    ]  # fmt: skip
    section = {"section_title": "", "description": "", "question_count": len(asked),
               "learners_see_fixed_order": False, "questions": asked}  # fmt: skip
    exam = Exam.objects.create(
        title="Kiem tra", question_sources=[section], active=True, collection=room, creator=admin
    )
    ExamAssignment.objects.create(exam=exam, collection=room, assigned_by=admin)
    print(json.dumps({
        "facility": facility.id, "classroom": room.id, "exam": exam.id, "exercise": exercise.id,
        "items": [one["item"] for one in asked],
    }))  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1], *(int(argument) for argument in sys.argv[2:6]))
