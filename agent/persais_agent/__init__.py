"""Drives aider through its classes: one job in, JSON lines out. See ../README.md for the protocol."""

AIDER_VERSION = "0.86.2"
