"""A local mock of the API; it shares no code with the client that is tested against it."""

from flxframe.sandbox.app import Arrival, FixedWindow, Sandbox, SlidingWindow, TokenBucket, sandbox

__all__ = ["Arrival", "FixedWindow", "Sandbox", "SlidingWindow", "TokenBucket", "sandbox"]
