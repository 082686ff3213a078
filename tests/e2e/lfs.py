"""Files in LFS for the stories: what a remote has as a pointer, and what its server gives for it."""

import hashlib


def pointer(content):
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{hashlib.sha256(content).hexdigest()}\nsize {len(content)}\n"


def keep(remote, content, given=None):
    """The server of `remote` has this content; `given`: other bytes, under its name."""
    store = remote.path / "lfs/objects"
    store.mkdir(parents=True, exist_ok=True)
    (store / hashlib.sha256(content).hexdigest()).write_bytes(content if given is None else given)


def have(remote):
    """There is a server, with nothing."""
    (remote.path / "lfs/objects").mkdir(parents=True)
