# Builds with BuildKit and with the classic builder, on amd64 and arm64.
# Where no registry can be reached: scripts/base-image, then --build-arg BASE_IMAGE=davit-base:node24
ARG BASE_IMAGE=node:24-bookworm-slim

FROM ${BASE_IMAGE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund --loglevel=error

FROM ${BASE_IMAGE} AS panel
WORKDIR /app
COPY package.json package-lock.json ./
COPY extension/package.json ./extension/
RUN npm ci --workspace extension --ignore-scripts --no-audit --no-fund --loglevel=error
COPY tsconfig.json ./
COPY src/contract ./src/contract
COPY extension ./extension
RUN npm run --silent build --workspace extension

FROM ${BASE_IMAGE}
WORKDIR /app
# Compresses faster than Node's own zlib.
RUN apt-get update -qq \
 && apt-get install -y -qq --no-install-recommends libdeflate0 \
 && rm -rf /var/lib/apt/lists/*
RUN printf '#!/bin/sh\nexec node --disable-warning=ExperimentalWarning --max-semi-space-size=4 /app/src/davit.ts "$@"\n' >/usr/local/bin/davit \
 && chmod 755 /usr/local/bin/davit
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json LICENSE* ./
COPY src ./src
# Docker Desktop takes the panel, its metadata and its compose file from the image's root.
COPY --from=panel /app/extension/dist /ui
COPY metadata.json extension/public/icon.svg extension/docker-compose.yml /
RUN mkdir extension && ln -s /ui extension/dist
# What is compiled now need not be at each start; the image is read-only later.
ENV NODE_COMPILE_CACHE=/app/.compiled
RUN davit --version && davit config >/dev/null

ARG VERSION=0.1.0
ARG REVISION=unknown
# Where whoever publishes the image keeps its page, icon and screenshots.
ARG PROJECT_URL=https://davit.example
LABEL org.opencontainers.image.title="Davit" \
      org.opencontainers.image.description="Backs up Docker hosts and proves that the backups restore" \
      org.opencontainers.image.vendor="Davit" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      com.docker.desktop.extension.api.version=">= 0.3.4" \
      com.docker.desktop.extension.icon="${PROJECT_URL}/icon.svg" \
      com.docker.extension.categories="utility-tools,volumes" \
      com.docker.extension.publisher-url="${PROJECT_URL}" \
      com.docker.extension.additional-urls="[{\"title\":\"Documentation\",\"url\":\"${PROJECT_URL}/docs\"}]" \
      com.docker.extension.detailed-description="<p>Backs up what your containers keep, holds a service for seconds only, and proves that each backup restores: it is verified, restored in isolation and started.</p>" \
      com.docker.extension.changelog="<p>The first version.</p>" \
      com.docker.extension.screenshots="[{\"alt\":\"Is everything safe?\",\"url\":\"${PROJECT_URL}/screenshots/extension-overview.png\"},{\"alt\":\"A module and its history\",\"url\":\"${PROJECT_URL}/screenshots/extension-module.png\"},{\"alt\":\"A backup\",\"url\":\"${PROJECT_URL}/screenshots/extension-backup.png\"}]"

ENV NODE_ENV=production \
    DAVIT_LISTEN=0.0.0.0:8080
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8080/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["davit"]
CMD ["serve"]
