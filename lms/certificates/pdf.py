"""Certificates on paper: tagged PDF by typst, with the fonts that typst brings."""

import io
import json
from datetime import UTC, datetime, time
from pathlib import Path

import segno
import typst

from backend.config import settings
from backend.i18n import day, number
from backend.i18n import gettext as _
from lms.certificates.models import Certificate

LAYOUT = Path(__file__).with_name("certificate.typ")


def url(certificate: Certificate) -> str:
    """The page on which anybody can check it."""
    return f"{settings().base_url}/chung-chi/{certificate.code}"


def pdf(certificate: Certificate) -> bytes:
    """The certificate; the same one is the same file, byte for byte."""
    address = url(certificate)
    drawn = io.BytesIO()
    segno.make_qr(address, error="m").save(drawn, kind="svg", border=1, xmldecl=False)
    place = ", ".join(part for part in (certificate.position, certificate.agency_name) if part)
    content = {
        "issuer": settings().training_body,
        "name": certificate.person_name,
        "place": place,
        "course": certificate.course_title,
        "details": _details(certificate),
        "code": certificate.code,
        "validity": _validity(certificate),
        "url": address,
        "address": address.partition("://")[2],
        "qr": drawn.getvalue().decode(),
        "words": {
            "title": _("Giấy chứng nhận"),
            "certifies": _("Chứng nhận"),
            "completed": _("đã hoàn thành khoá bồi dưỡng"),
            "issued": _("Cấp {when}").format(when=day(certificate.issued_at)),
            "code": _("Mã chứng nhận:"),
            "head": _("Người đứng đầu cơ sở bồi dưỡng"),
            "sign": _("(ký, ghi rõ họ tên, đóng dấu)"),
            "check": _("Kiểm tra tại:"),
            "qr": _("Mã QR dẫn đến trang kiểm tra chứng nhận"),
        },
    }
    stamp = datetime.combine(certificate.completed_on, time(), UTC)
    return typst.compile(
        LAYOUT, format="pdf", ignore_system_fonts=True, timestamp=stamp,
        sys_inputs={"data": json.dumps(content, ensure_ascii=False)}, pdf_standards=["ua-1"],
    )  # fmt: skip


def _details(certificate: Certificate) -> str:
    text = _("{hours} tiết, từ {begun} đến {done}").format(
        hours=number(certificate.hours), begun=day(certificate.begun_on),
        done=day(certificate.completed_on),
    )  # fmt: skip
    if certificate.score is None:
        return text
    return text + _(", kết quả kiểm tra {score} %").format(
        score=number(round(certificate.score * 100))
    )


def _validity(certificate: Certificate) -> str:
    if certificate.expires_on is None:
        return _("Không giới hạn thời gian")
    return _("Có giá trị đến hết {when}").format(when=day(certificate.expires_on))
