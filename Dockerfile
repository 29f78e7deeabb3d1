FROM python:3.11-slim AS wheel
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY events/ events/
COPY projections/ projections/
COPY service/ service/
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheel .

FROM python:3.11-slim
RUN groupadd --system --gid 10001 chronology \
    && useradd --system --uid 10001 --gid 10001 --home-dir /data --create-home chronology \
    && install --directory --owner chronology --group chronology /backups
# What is needed changes less often than the service: a layer of its own, each file checked by its hash.
COPY constraints-image.txt /
RUN pip install --no-cache-dir --require-hashes --requirement /constraints-image.txt
COPY --from=wheel /wheel /wheel
RUN pip install --no-cache-dir --no-deps --no-index /wheel/*.whl

USER chronology
# Without MALLOC_ARENA_MAX, each thread keeps for itself the memory that large bodies took (glibc).
ENV CHRONOLOGY_HOST=0.0.0.0 MALLOC_ARENA_MAX=2
# Here are the signing key and, with SQLite, chronology.db, unless CHRONOLOGY_SIGNING_KEY and CHRONOLOGY_DATABASE say otherwise.
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen(f\"http://127.0.0.1:{os.environ.get('PORT', 8000)}/readyz\", timeout=3)"]
ENTRYPOINT ["chronology"]
CMD ["serve"]
