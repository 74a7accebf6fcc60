FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
COPY scripts scripts
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY src src
RUN node scripts/ensure-built.mjs
# What this image can be configured to use (PostgreSQL, Redis) is optional to others: here it is installed as locked.
RUN node -e "const fs = require('node:fs'), p = JSON.parse(fs.readFileSync('package.json', 'utf8')); for (const name of ['pg', 'ioredis', '@keyv/redis']) { p.dependencies[name] = p.devDependencies[name]; delete p.devDependencies[name]; } fs.writeFileSync('package.json', JSON.stringify(p));" \
  && npm ci --omit=dev --ignore-scripts

FROM node:24-slim
# The sandbox of Python code nodes, with what analysts expect in it; without user namespaces pyodide is used.
RUN apt-get update \
  && apt-get install -y --no-install-recommends bubblewrap python3-numpy python3-pandas python3-scipy \
  && rm -rf /var/lib/apt/lists/*
ENV NODE_ENV=production ROOKERY_SERVER__HOST=0.0.0.0
WORKDIR /app
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json LICENSE ./
COPY config config
COPY docs docs
# The store, unless store.url names another: keys, tokens, the audit trail.
RUN mkdir .rookery data && chown node:node .rookery data
USER node
VOLUME /app/.rookery
EXPOSE 3000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.ROOKERY_SERVER__PORT || 3000) + '/health/live').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "--max-semi-space-size=64", "dist/cli/main.js"]
# There are no credentials in the image, and without them it does not start: docs/guide/deployment.md.
CMD ["start"]
