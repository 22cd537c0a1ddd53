"""Random histories of a user's day; after each step, the sandbox's log is the judge."""

from hypothesis import HealthCheck, settings

from tests.memory.lines import LineHistories
from tests.memory.machine import Histories

TestHistories = Histories.TestCase
TestLineHistories = LineHistories.TestCase
TestHistories.settings = settings(
    max_examples=15,
    stateful_step_count=20,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=list(HealthCheck),
)
TestLineHistories.settings = settings(TestHistories.settings, max_examples=10)
