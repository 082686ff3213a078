import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
sys.dont_write_bytecode = True

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
