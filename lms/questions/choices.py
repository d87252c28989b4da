"""A choice with its own remark, as single and multiple choice questions have them."""

from pydantic import BaseModel, ConfigDict

from lms.questions.question import Text


class Choice(BaseModel):
    """One thing to choose; `feedback` is said to whoever chose it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: Text
    right: bool = False
    feedback: str = ""
