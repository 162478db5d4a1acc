# The packages are built into an environment of their own; the image that runs has no pip's cache and no compiler.
FROM python:3.13-slim AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
COPY requirements.txt /build/
RUN python -m venv /venv && /venv/bin/pip install --require-hashes -r /build/requirements.txt

FROM python:3.13-slim
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PATH=/venv/bin:$PATH
# A fixed id, so that a volume's owner can be set to it.
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin bot \
    && install -d -o bot -g bot /app/data
COPY --from=build /venv /venv
COPY bot /app/bot
WORKDIR /app
USER 10001
# All that is written: the rest of the file system may be read-only (docker run --read-only).
VOLUME /app/data
# What is under way is finished first: a call to the gateway may take 20 s (docker stop --time 30).
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=6s --start-period=20s CMD ["python", "-m", "bot.health"]
CMD ["python", "-m", "bot", "run"]
