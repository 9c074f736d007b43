"""Tidegate for Python. Feature flags are in `tidegate.flags`."""

__version__ = "0.1.0"
