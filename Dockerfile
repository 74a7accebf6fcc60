FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
COPY scripts scripts
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY src src
RUN node scripts/ensure-built.mjs && npm prune --omit=dev

FROM node:24-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json LICENSE ./
COPY config config
COPY docs docs
USER node
ENTRYPOINT ["node", "dist/cli/main.js"]
# MCP over stdin and stdout (`docker run -i`). Without authentication the server listens on loopback only,
# which nobody reaches from outside a container: HTTP here needs a configuration with identity.
CMD ["stdio"]
