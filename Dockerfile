FROM python:3.11-slim

WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY events/ events/
COPY projections/ projections/
COPY service/ service/
RUN pip install --no-cache-dir '.[oidc]' \
    && useradd --system --uid 10001 --home-dir /data --create-home chronology

# With SQLite, the database is /data/chronology.db unless CHRONOLOGY_DATABASE says otherwise.
USER chronology
# Without it, each thread keeps for itself the memory that large bodies took (glibc).
ENV MALLOC_ARENA_MAX=2
WORKDIR /data
EXPOSE 8000
ENTRYPOINT ["chronology"]
CMD ["serve"]
