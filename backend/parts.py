"""What a package gives to the whole: `main.PARTS` lists them, everything else iterates them."""

from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from typing import TYPE_CHECKING

from sqlalchemy.orm import Session

from backend.i18n import gettext as _

if TYPE_CHECKING:
    from fastapi import APIRouter


class MenuGroup(Enum):
    """The headings of the staff menu, in the order in which they stand."""

    CITIZENS = _("Phục vụ người dân")
    TRAINING = _("Đào tạo")
    PEOPLE = _("Cán bộ và tài khoản")
    SYSTEM = _("Vận hành hệ thống")


@dataclass(frozen=True)
class MenuItem:
    """A line of the staff menu, shown to whoever has the permission.

    `title`: as `gettext` leaves it at import, in Vietnamese; the page translates it.
    `of_person`: only where the account belongs to somebody in the directory.
    """

    title: str
    url: str
    permission: str
    group: MenuGroup
    of_person: bool = False


@dataclass(frozen=True)
class Check:
    """One answer to "is it ready?"."""

    ok: bool
    detail: str


@dataclass(frozen=True)
class Part:
    """Routes, menu, permissions, clockwork, readiness, demo people and life span of one package.

    `content` are routes that only the host of CONTENT_ORIGIN answers, where no cookie ever comes;
    `bodies` says how many bytes a form may have at paths (`/khoa/{code}/tep`) that take files.
    `seed` gets a session and makes demo data; `wake` loads what the first citizen must not wait
    for; `life` wraps the web process's life.
    """

    name: str
    routers: "tuple[APIRouter, ...]" = ()
    content: "tuple[APIRouter, ...]" = ()
    bodies: Mapping[str, int] = field(default_factory=dict)
    menu: tuple[MenuItem, ...] = ()
    permissions: Mapping[str, str] = field(default_factory=dict)
    periodic: Mapping[str, timedelta] = field(default_factory=dict)
    readiness: Mapping[str, Callable[[], Check]] = field(default_factory=dict)
    seed: Callable[[Session], None] | None = None
    wake: Callable[[], None] | None = None
    life: Callable[[], AbstractAsyncContextManager[None]] | None = None
