/**
 * The Penstock service. {@link io.penstock.ingest.Penstock} is the program; it starts a command.
 * The packages, from the top down (a package uses only those below it):
 *
 * <ol>
 *   <li>{@code cli}: the commands, their options and exit statuses
 *   <li>{@code dev}: everything on one machine, for {@code penstock dev}
 *   <li>{@code service}: one running instance, made of the roles that its configuration names
 *   <li>{@code warmup}: what is loaded and tried before the ports open
 *   <li>{@code ingress}: the role that takes deliveries by HTTP; {@code pipeline}: the role that
 *       publishes events; {@code deadletter}: reads dead letters and sends them again; {@code
 *       management}: health and metrics by HTTP
 *   <li>{@code landing}: makes a delivery durable, in Kafka or in the {@code spool}, which is a
 *       disk
 *   <li>{@code source}: the configured sources; {@code cluster}: topics and what is seen of Kafka
 *   <li>{@code provider} and its packages: what each provider's deliveries mean; {@code registry}:
 *       schemas and their ids
 *   <li>{@code auth}: how a sender proves its identity; {@code tracing}: spans of a delivery
 *   <li>{@code config}, {@code delivery}, {@code json}, {@code observability}: what all others
 *       share
 * </ol>
 */
@org.jspecify.annotations.NullMarked
package io.penstock.ingest;
