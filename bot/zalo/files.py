"""Pictures and voice notes that citizens send on Zalo, from Zalo's own servers alone.

An event brings the address of the file. It came over the webhook, signed; all the same it opens
nothing but `ZALO_MEDIA_HOSTS`, so that nobody can make us ask other servers for anything.
"""

import httpx

from backend.config import settings
from bot.downloads import download


def fetch(address: str, *, most: int) -> bytes:
    """The file, if it has at most so many bytes; or `FetchError`."""
    return download(address, most=most, allows=is_zalos)


def is_zalos(url: httpx.URL) -> bool:
    """Whether it is https on a host of Zalo's or below it.

    An entry of the setting that has a scheme (a server on this machine) stands for itself alone.
    """
    origin = f"{url.scheme}://{url.netloc.decode('ascii')}"
    if origin in settings().zalo_media_hosts.split():
        return True
    if url.scheme != "https" or url.port is not None:
        return False
    return any(
        url.host == host or url.host.endswith(f".{host}")
        for host in settings().zalo_media_hosts.split()
    )
