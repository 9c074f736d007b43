"""Feature flags: `from tidegate.flags import FeatureFlags` is all that an application needs."""

from tidegate.flags._asgi import FlagsMiddleware
from tidegate.flags._front import FeatureFlags
from tidegate.flags._pairs import FeatureDisabled, PairingError
from tidegate.flags._runtime import Status
from tidegate.flags._settings import ConfigurationError

__all__ = ["ConfigurationError", "FeatureDisabled", "FeatureFlags", "FlagsMiddleware", "PairingError", "Status"]
