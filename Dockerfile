# The image holds one static binary and an empty folder for its data, and nothing else.
FROM rust:1.95-alpine AS build
RUN apk add --no-cache bash binutils coreutils gcc make musl-dev
WORKDIR /source
COPY .cargo .cargo
COPY Cargo.toml Cargo.lock build.rs schema.sql ./
COPY src src
COPY embed/dist embed/dist
COPY embed/i18n embed/i18n
COPY packaging/build-static.sh packaging/
RUN mkdir -p /root-of-image/data && chown 65532:65532 /root-of-image/data
RUN cp "$(AFTERWORD_TARGET=$(uname -m)-unknown-linux-musl packaging/build-static.sh)" /root-of-image/afterword

FROM scratch
COPY --from=build /root-of-image /
USER 65532:65532
ENV AFTERWORD_DATA=/data AFTERWORD_LISTEN=0.0.0.0:8080
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=5s CMD ["/afterword", "healthcheck"]
ENTRYPOINT ["/afterword"]
CMD ["serve"]
