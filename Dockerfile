# The front-end files, at the versions of the lock file.
FROM node:24-slim AS front-end
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev

FROM python:3.13-slim AS build
WORKDIR /build
COPY requirements/run.txt requirements/
RUN python -m venv /opt/evenhand \
 && /opt/evenhand/bin/pip install --no-cache-dir --require-hashes --requirement requirements/run.txt
COPY dev.py ./
COPY --from=front-end /build/node_modules node_modules
RUN python dev.py vendor

FROM python:3.13-slim
ENV PATH=/opt/evenhand/bin:$PATH \
    PYTHONPATH=/app \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    EVENHAND_HOME=/data
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin evenhand \
 && install --directory --owner=evenhand --group=evenhand --mode=0750 /data \
 && printf '#!/bin/sh\nexec python -m app.cli "$@"\n' > /usr/local/bin/evenhand \
 && chmod 0755 /usr/local/bin/evenhand
WORKDIR /app
COPY --from=build /opt/evenhand /opt/evenhand
COPY --from=build /build/static/vendor static/vendor
COPY alembic.ini LICENSE ./
COPY static static
COPY templates templates
COPY locales locales
COPY migrations migrations
COPY app app
RUN python -m compileall -q app
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["uvicorn", "--factory", "app.main:create_app", "--host=0.0.0.0", "--port=8000", "--no-access-log", "--no-server-header"]
