# Built static, run as nobody in particular, with nothing else in the image.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=dev
RUN CGO_ENABLED=0 go build -tags nomsgpack -trimpath -ldflags "-s -w -X main.version=${VERSION}" -o /out/tongban . \
 && mkdir -p /out/data

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /out/tongban /tongban
COPY --from=build --chown=65532:65532 /out/data /data
USER 65532:65532
ENV TONGBAN_LISTEN=0.0.0.0:8080 \
    TONGBAN_DATA=/data
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s CMD ["/tongban", "health"]
ENTRYPOINT ["/tongban"]
CMD ["serve"]
