"""The FF 68 bus: staff keypads with a read-back display and four-key evaluators."""

from caller.keypads.ff68.wire import Ff68 as Driver

__all__ = ["Driver"]
