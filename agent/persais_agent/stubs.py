"""Empty stand-ins for two of aider's modules, put in place before aider is imported.

`aider.commands` is what runs text that begins with `/` or `!`; `aider.analytics` is what reports home. Neither
is wanted here, so neither is loaded: what is not there cannot be reached by a person's text, and a cold start
is 0.2 s shorter.
"""

import sys
import types


class NoCommands:
    """Any use but these is an AttributeError, which is what a test looks for."""

    def __init__(self, *args, **kwargs):
        self.coder = None

    def is_command(self, text) -> bool:
        return False


class NoAnalytics:
    def __init__(self, *args, **kwargs):
        pass

    def event(self, *args, **kwargs) -> None:
        pass


def install() -> None:
    commands = types.ModuleType("aider.commands")
    commands.Commands = NoCommands
    analytics = types.ModuleType("aider.analytics")
    analytics.Analytics = NoAnalytics
    sys.modules["aider.commands"] = commands
    sys.modules["aider.analytics"] = analytics
