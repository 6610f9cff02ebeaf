"""Templates are compiled before anybody waits for them."""

from threading import enumerate as threads

from fastapi import FastAPI
from fastapi.testclient import TestClient

from app.main import warm_up
from app.web.templates import environment


def test_a_process_that_starts_compiles_every_template(app: FastAPI) -> None:
    environment.cache_clear()
    warm_up.cache_clear()
    with TestClient(app):
        for thread in threads():
            if thread.name == "warm-up":
                thread.join()
        cache = environment().cache
        assert cache is not None
        compiled = {name for _, name in cache.keys()}  # noqa: SIM118 - it is no dict
    assert compiled == set(environment().list_templates())
