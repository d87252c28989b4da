"""OAuth v4 with PKCE, as strictly as Zalo."""

import hashlib
import secrets
import time
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from urllib.parse import urlencode

from tests.fakes.zalo.world import APP, OA, Refused, World

CODE_LIVES = 600.0


def permission(world: World, asked: Mapping[str, str]) -> str:
    """An administrator agrees at once: where the browser is sent."""
    if asked.get("app_id") != APP.id:
        raise Refused(-14002, "Invalid app id")
    challenge, redirect = asked.get("code_challenge", ""), asked.get("redirect_uri", "")
    if len(challenge) != 43 or not redirect:
        raise Refused(-14005, "Invalid code challenge or redirect uri")
    code = secrets.token_urlsafe(24)
    world.tokens.codes[code] = (challenge, time.time())
    return f"{redirect}?{urlencode({'code': code, 'oa_id': OA, 'state': asked.get('state', '')})}"


def grant(world: World, secret: str | None, form: Mapping[str, str]) -> dict[str, str]:
    """A pair of tokens for a code or a refresh token."""
    if form.get("app_id") != APP.id or secret != APP.secret:
        raise Refused(-14003, "Invalid app id or secret key")
    if form.get("grant_type") == "authorization_code":
        _check_code(world, form.get("code", ""), form.get("code_verifier", ""))
        return world.issue()
    if form.get("grant_type") != "refresh_token":
        raise Refused(-14004, "Invalid grant type")
    given = form.get("refresh_token", "")
    if given in world.tokens.used:
        raise Refused(-14020, "Refresh token has been used")
    if not given or given != world.tokens.refresh:
        raise Refused(-14014, "Invalid refresh token")
    world.tokens.refreshed += 1
    return world.issue()


def _check_code(world: World, code: str, verifier: str) -> None:
    challenge, at = world.tokens.codes.pop(code, ("", 0.0))
    if not challenge or time.time() - at > CODE_LIVES / world.speed:
        raise Refused(-14010, "Invalid authorization code")
    digest = hashlib.sha256(verifier.encode()).digest()
    if len(verifier) != 43 or urlsafe_b64encode(digest).decode().rstrip("=") != challenge:
        raise Refused(-14011, "Invalid code verifier")
