"""Where a link of a text_link entity leads: a user, a checked address, or nowhere (then the entity is dropped)."""

import re

from . import units

_USER = re.compile(r"tg:(?://)?user\?id=(\d+)")
_ADDRESS = re.compile(r"(?i)(?:(?:https?|tg|ton|ftp)://)?[^\s/?#@]+(?:\.[^\s/?#.]{2,}|:\d+)?(?:[/?#]\S*)?$")


def entity(url, offset, size):
    """A text_link or text_mention; None when the address is none."""
    user = _USER.match(url)
    if user:
        return units.entity("text_mention", offset, size, user={"id": int(user[1])})
    if not _ADDRESS.match(url) or not ("://" in url or "." in url):
        return None
    if "://" not in url:
        url = "http://" + url
    if re.match(r"(?i)https?://[^/?#]+$", url):
        url += "/"
    return units.entity("text_link", offset, size, url=url)
