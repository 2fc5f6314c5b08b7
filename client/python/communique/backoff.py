"""How attempts are spaced."""

import dataclasses
import random

from communique.errors import Error

# A delay that a server asks for is not followed further than this, in seconds.
_MAX_SERVER_DELAY = 60.0


@dataclasses.dataclass(frozen=True)
class Retry:
    """A random wait below a bound that grows (full jitter), in seconds, and on top of it what the
    server's RetryInfo asks for."""

    enabled: bool = True
    initial_backoff: float = 0.1
    max_backoff: float = 5.0
    multiplier: float = 2.0


class Backoff:
    """The waits of one call or watch. Not thread-safe."""

    def __init__(self, retry: Retry):
        self._retry = retry
        self.reset()

    def next(self, error: Error) -> float:
        delay = random.uniform(0, self._bound)
        self._bound = min(self._bound * max(self._retry.multiplier, 1.0), self._retry.max_backoff)
        return delay + min(max(error.retry_delay or 0.0, 0.0), _MAX_SERVER_DELAY)

    def reset(self) -> None:
        """Begins again with the first bound."""
        # Not below a millisecond: no options make a loop that never sleeps.
        self._bound = max(min(self._retry.initial_backoff, self._retry.max_backoff), 0.001)
