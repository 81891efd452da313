# The migrator of the demo application: an image of its own, run by the deployment before the switch.
FROM scratch
ADD rootfs.tar /
WORKDIR /app
COPY package.json migrate.js migration-plan.js settings.js ./
COPY migrations ./migrations

ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    NODE_ENV=production
USER 1001:1001
CMD ["node", "migrate.js"]
