"""The running service for the tests of this folder."""

from tests.api_fixtures import served, served_home

__all__ = ["served", "served_home"]
