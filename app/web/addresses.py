"""Where this site is, for links that are carried elsewhere."""

from fastapi import Request

from app.settings import settings


def site_url(request: Request) -> str:
    """Without a slash at its end. A proxy before us may speak HTTPS where we don't."""
    scheme = "https" if settings().secure_cookies else request.url.scheme
    return f"{scheme}://{request.url.netloc}"
