# The program and its facts in a small image, built by the commands of the README.
#
#   docker build -t orecast .                       # make demo, then make test
#   docker run --rm orecast show tungsten
#   docker run --rm -v "$PWD:/cases" -w /cases orecast run my-case.toml --out results
FROM debian:trixie-slim AS build
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends ca-certificates make \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
# Installs the rest: a C compiler and Rust (scripts/setup).
RUN make demo
# `--build-arg TEST=no` leaves the tests out.
ARG TEST=yes
RUN [ "$TEST" = no ] || make test

FROM debian:trixie-slim
COPY --from=build /src/target/release/orecast /usr/local/bin/orecast
COPY --from=build /src/data /usr/local/share/orecast/data
COPY --from=build /src/deals /usr/local/share/orecast/deals
COPY --from=build /src/LICENSE-APACHE /src/LICENSE-MIT /src/CITATION.cff /usr/local/share/orecast/
ENV ORECAST_PACKAGE=/usr/local/share/orecast/data
WORKDIR /usr/local/share/orecast
ENTRYPOINT ["orecast"]
CMD ["--help"]
