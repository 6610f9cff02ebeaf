"""The embedded Valkey: closed to strangers, and it forgets no job."""

import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from app.embedded.children import Children
from app.embedded.processes import command_line
from app.embedded.valkey import start_valkey


def test_it_keeps_what_it_was_told_over_a_restart(children: Children) -> None:
    with redis.Redis.from_url(start_valkey(children).url) as client:
        client.rpush("jobs", "one", "two")
    children.stop("Valkey")
    with redis.Redis.from_url(start_valkey(children).url) as client:
        assert client.llen("jobs") == 2


def test_it_refuses_jobs_rather_than_drop_some(children: Children) -> None:
    with redis.Redis.from_url(start_valkey(children, durable=False).url) as client:
        assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}


def test_it_lets_nobody_in_without_its_password(children: Children) -> None:
    server = start_valkey(children, durable=False)
    at_once = Retry(NoBackoff(), 0)
    with redis.Redis(port=server.port, retry=at_once) as stranger, pytest.raises(redis.AuthenticationError):
        stranger.ping()
    assert server.password not in command_line(children.by_name["Valkey"].process.pid)
