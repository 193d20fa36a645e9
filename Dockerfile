# One image, three programs: `python -m webhook`, `python -m scaler` and `python -m agent`.
# docker buildx build .            for this machine, or --platform linux/amd64,linux/arm64
# Nothing for the target architecture runs while building: the builder only unpacks its wheels.
ARG BUILD_BASE=python:3.13-slim
ARG BASE=python:3.13-slim

FROM --platform=${BUILDPLATFORM} ${BUILD_BASE} AS builder
ARG TARGETARCH
ARG TARGETVARIANT
# Exec form: the bases that are built without Docker have no shell.
COPY requirements.txt image/install.py /build/
RUN --mount=type=secret,id=ca --mount=type=secret,id=pip \
    ["python3", "/build/install.py", "dependencies"]
COPY kube /layers/code/podtailor/code/kube
COPY store /layers/code/podtailor/code/store
COPY webhook /layers/code/podtailor/code/webhook
COPY scaler /layers/code/podtailor/code/scaler
# The page shows it.
COPY docs/reasons.md /layers/code/podtailor/code/docs/reasons.md
COPY link /layers/code/podtailor/code/link
COPY agent /layers/code/podtailor/code/agent
RUN ["python3", "/build/install.py", "code"]

FROM ${BASE}
ARG VERSION
LABEL org.opencontainers.image.title="podtailor" \
      org.opencontainers.image.description="Vertical scaling of Kubernetes pods that nobody has to rewrite a manifest for" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.documentation="charts/podtailor/README.md"
COPY --from=builder /layers/dependencies/ /
COPY --from=builder /layers/code/ /
# Threads that read large answers would each keep memory of their own: 6 MB of a scaler's 85.
ENV MALLOC_ARENA_MAX=1 \
    PYTHONPATH=/podtailor/code:/podtailor/deps \
    PYTHONPYCACHEPREFIX=/podtailor/compiled \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
# A number, because `runAsNonRoot` cannot be checked for a name.
USER 65532:65532
WORKDIR /
EXPOSE 8080 10250
ENTRYPOINT ["python", "-m"]
CMD ["scaler", "--help"]
