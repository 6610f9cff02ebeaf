"""Evenhand: human annotation for AI-safety data."""

__version__ = "0.1.0"
