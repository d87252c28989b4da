"""What both edges share: who is asking from where, and cookies.

There is no session dependency on purpose: routes are plain functions that open their transaction in
their own body. A dependency would hold SQLite's write lock across thread-pool hops, and forty
requests waiting for it would leave no thread for the one that has it (docs/decisions).
"""

import ipaddress
from typing import Annotated

from fastapi import Depends, Request, Response

from backend.config import settings


def client_address(request: Request) -> str:
    """The citizen's address for limits: IPv6 by its /64; proxies believed as far as configured."""
    # Some proxies add to the header, others add a second one: only the last entries are theirs.
    forwarded = ",".join(request.headers.getlist("x-forwarded-for"))
    hops = [hop.strip() for hop in forwarded.split(",") if hop]
    trusted = settings().trusted_proxies
    peer = request.client.host if request.client else "unknown"
    text = hops[-trusted] if trusted and len(hops) >= trusted else peer
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return peer
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:  # what a socket for both says of IPv4; they are not one network
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network((address, 64), strict=False))
    return str(address)


AddressDep = Annotated[str, Depends(client_address)]


def cookie_name(name: str) -> str:
    """Cookies are bound to this very host wherever HTTPS allows it."""
    return f"__Host-{name}" if settings().is_https else name


def read_cookie(request: Request, name: str) -> str | None:
    """A cookie of ours."""
    return request.cookies.get(cookie_name(name))


def set_cookie(response: Response, name: str, value: str, *, days: float) -> None:
    """A cookie that scripts cannot read and other sites do not send."""
    response.set_cookie(
        cookie_name(name), value, max_age=int(days * 86_400), path="/", httponly=True,
        samesite="lax", secure=settings().is_https,
    )  # fmt: skip


def drop_cookie(response: Response, name: str) -> None:
    """Forget a cookie of ours."""
    response.delete_cookie(
        cookie_name(name), path="/", httponly=True, samesite="lax", secure=settings().is_https
    )
