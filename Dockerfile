# docker build -t penstock .       (BuildKit, Docker's classic builder and Buildah work)
#
# The layers are ordered by how often they change: the JRE, the libraries, the class-data archive of both, then Penstock's own
# jars. A release that changes no library replaces only the last two megabytes. docs/image.md has the figures.
# A release gives both by digest: see docs/releasing.md.
ARG BUILD_IMAGE=maven:3.9-eclipse-temurin-25
ARG RUNTIME_IMAGE=eclipse-temurin:25-jre

FROM ${BUILD_IMAGE} AS build
WORKDIR /src
# The poms and the other files that the download needs, so that Maven's downloads are cached until one of them changes.
COPY pom.xml ./
COPY schemas/pom.xml schemas/
COPY schemas/src/main/avro schemas/src/main/avro/
COPY confluent-schema-registry-client/pom.xml confluent-schema-registry-client/
COPY local-stack/pom.xml local-stack/
COPY ingest-service/pom.xml ingest-service/
COPY ledger/pom.xml ledger/
COPY benchmarks/pom.xml benchmarks/
RUN mvn -B -ntp -q -Dquick -Prelease -Dmaven.javadoc.skip -Dmaven.source.skip -Dmaven.test.skip -Dlocal-stack.runtime.skip \
    -pl ingest-service -am package
COPY . .
RUN mvn -B -ntp -q -Dquick -Prelease -Dmaven.javadoc.skip -Dmaven.source.skip -Dmaven.test.skip -Dlocal-stack.runtime.skip \
    -pl ingest-service -am package \
    && sh deploy/image/lay-out /opt/penstock

# The JRE of the image makes the archive, since no other JRE could use it. It has only classes that do not change with Penstock's code.
FROM ${RUNTIME_IMAGE} AS archive
COPY --from=build /opt/penstock/lib /opt/penstock/lib
COPY --from=build /opt/penstock/java.options /opt/penstock/
COPY deploy/image/classes.txt deploy/image/commands.txt deploy/image/archive-classes /tmp/
RUN sh /tmp/archive-classes /opt/penstock /tmp/classes.txt /tmp/commands.txt

FROM ${RUNTIME_IMAGE}
ARG RUNTIME_IMAGE
COPY --from=build /opt/penstock/lib /opt/penstock/lib
COPY --from=build /opt/penstock/java.options /opt/penstock/
COPY --from=archive /opt/penstock/libraries.jsa /opt/penstock/
# For operators: kubectl exec POD -- penstock dead-letters list
COPY --from=build /opt/penstock/bin/ /usr/local/bin/
COPY --from=build /opt/penstock/app /opt/penstock/app
# What the image consists of, with licences (CycloneDX).
COPY --from=build /opt/penstock/sbom.cdx.json /opt/penstock/
ARG VERSION=0.1.0-SNAPSHOT
ARG REVISION=unknown
ARG SOURCE=
LABEL org.opencontainers.image.title="Penstock" \
      org.opencontainers.image.description="Webhooks in, typed Kafka events out, once" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.source="${SOURCE}" \
      org.opencontainers.image.base.name="${RUNTIME_IMAGE}"
# A number, since Kubernetes cannot decide whether a named user is root. The user owns no file of the image. What it may write is
# mounted (/tmp, the spool, the pipeline's state).
USER 10001:10001
EXPOSE 8080 9090
STOPSIGNAL SIGTERM
ENTRYPOINT ["java", "@/opt/penstock/java.options", "io.penstock.ingest.Penstock"]
CMD ["serve", "--config", "/etc/penstock/penstock.yaml"]
