"""A fake GitHub; see README.md."""

from .fake import GitHub

__all__ = ["GitHub"]
