import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
sys.dont_write_bytecode = True

from persais_agent import stubs  # noqa: E402

stubs.install()  # before any test imports aider: two of its libraries are not installed
from warm import Warm  # noqa: E402
from world import World  # noqa: E402


@pytest.fixture(scope="session")
def warm():
    warm = Warm()
    yield warm
    warm.close()


@pytest.fixture
def world(tmp_path, warm):
    world = World(tmp_path, warm)
    yield world
    world.close()
