"""Six kills around what is asked of the forge; `make nightly` has 500."""

from request_kills import Some

__all__ = ["Some"]
