# syntax=docker/dockerfile:1
# One image for every service. Without a command it runs everything in one process, on the folder /var/lib/voicemail.
# Node runs the TypeScript as it is, but not under node_modules: so the image has the workspace's own layout, and no build.

FROM node:26.10.0-trixie-slim AS installed
WORKDIR /opt/voicemail
RUN npm install --global pnpm@12.21.0
COPY package.json pnpm-workspace.yaml pnpm-lock.yaml ./
COPY patches patches
COPY packages packages
COPY services services
RUN --mount=type=cache,id=pnpm,target=/pnpm \
    pnpm install --prod --frozen-lockfile --store-dir=/pnpm/store --filter='@voicemail/voicemail...'
# Folders that volumes are mounted over: a new volume takes the owner from here.
WORKDIR /volumes/data
WORKDIR /volumes/secrets
RUN chmod 700 /volumes/data /volumes/secrets

FROM node:26.10.0-trixie-slim
LABEL org.opencontainers.image.title="voicemail" \
      org.opencontainers.image.description="The voicemail back end of a contact centre, each of its services, or all of them." \
      org.opencontainers.image.version="0.1.0"
COPY --from=installed /opt/voicemail /opt/voicemail
COPY --chmod=755 infra/docker/voicemail /usr/local/bin/voicemail
COPY --from=installed --chown=500:500 /volumes/data /var/lib/voicemail
COPY --from=installed --chown=500:500 /volumes/secrets /secrets
# Nothing else is written: the root may be read-only. No user of that number is known here, so its home is named.
ENV NODE_ENV=production HOME=/tmp HOST=0.0.0.0 PORT=8081 DATA_DIR=/var/lib/voicemail
USER 500:500
EXPOSE 8081
STOPSIGNAL SIGTERM
ENTRYPOINT ["voicemail"]
CMD ["start"]
