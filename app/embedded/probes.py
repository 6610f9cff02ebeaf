"""Does it answer? Asked of each part of the stack over the network, as its users do."""

import http.client

import psycopg
import redis
from celery import Celery

from app.embedded.processes import StartError


def require_postgres(url: str) -> None:
    """Raises StartError when the server named by DATABASE_URL does not let us in."""
    _, _, rest = url.partition("://")
    try:
        psycopg.connect(f"postgresql://{rest}", connect_timeout=10).close()
    except psycopg.Error as failure:
        raise StartError(f"the server of DATABASE_URL does not let us in: {failure}") from failure


def require_redis(url: str) -> None:
    """Raises StartError when the server named by REDIS_URL does not let us in."""
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=10) as client:
            client.ping()
    except (redis.RedisError, ValueError) as failure:
        raise StartError(f"the server of REDIS_URL does not let us in: {failure}") from failure


def web_answers(host: str, port: int) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def worker_answers(redis_url: str) -> bool:
    with Celery(broker=redis_url, set_as_current=False) as celery:
        return bool(celery.control.ping(timeout=0.5, limit=1))
