# syntax=docker/dockerfile:1
ARG PYTHON=3.13

FROM python:${PYTHON}-slim-bookworm AS build
WORKDIR /app
ENV PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /venv
COPY setup.cfg pyproject.toml constraints.txt README.md config.py wsgi.py gunicorn.conf.py ./
COPY decisionlog decisionlog
COPY migrations migrations
# Editable, since the migrations and the settings are looked for beside the source.
RUN --mount=type=cache,target=/root/.cache/pip \
    /venv/bin/pip install --constraint constraints.txt --editable '.[sentry]' \
    && /venv/bin/python -m compileall -q /app /venv

FROM python:${PYTHON}-slim-bookworm
RUN useradd --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin decisionlog
WORKDIR /app
COPY --from=build /venv /venv
COPY --from=build /app /app
# The only place that is written to, and only with SQLite.
RUN install --directory --owner=decisionlog --group=decisionlog --mode=700 /app/instance
VOLUME /app/instance
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 FLASK_APP=wsgi APP_ENV=production
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/health', timeout=2)"]
CMD ["gunicorn", "wsgi:app", "--bind", "0.0.0.0:8000"]
