"""What the fakes of forges share; see README.md."""

from .fake import Fault, Forge, Hold
from .server import Asked, Refused, Server, page_of

__all__ = ["Asked", "Fault", "Forge", "Hold", "Refused", "Server", "page_of"]
