package io.penstock.ingest.console.live;

import io.penstock.ingest.lookup.RecordPosition;

/**
 * What a landing record says of its delivery.
 *
 * @param eventId empty where it names no event
 * @param letterId the id that a dead letter of it would have
 * @param entity the entity key; empty where it names none
 * @param receivedAt in milliseconds since 1970, by the ingress's clock
 * @param landedAt in milliseconds since 1970, by the broker's clock
 * @param spooled whether a spool had kept it before
 * @param outcome waiting, or refused
 */
public record LiveLanding(
    RecordPosition at,
    String receiptId,
    String eventId,
    String letterId,
    String source,
    String provider,
    String entity,
    long receivedAt,
    long landedAt,
    boolean spooled,
    Outcome outcome) {}
