"""The servers of one machine: PostgreSQL and Valkey from pip wheels, started, watched, stopped."""
