"""The client of Communiqué. `communique.v1` holds the messages, `Client` makes the calls."""

from communique import v1
from communique.backoff import Retry
from communique.chain import Verdict, WatchChain
from communique.client import Client
from communique.errors import BrokenChainError, ClosedError, Error, ExpiredError, TokenRefusedError, Violation
from communique.watch import Watch

__all__ = [
    "BrokenChainError",
    "Client",
    "ClosedError",
    "Error",
    "ExpiredError",
    "Retry",
    "TokenRefusedError",
    "Verdict",
    "Violation",
    "Watch",
    "WatchChain",
    "v1",
]
