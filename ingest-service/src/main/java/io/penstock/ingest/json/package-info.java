/**
 * Reads JSON from its bytes, without building a tree of it.
 *
 * <p>{@link io.penstock.ingest.json.JsonScan} decides whether a body is well-formed and captures a
 * few members of it; {@link io.penstock.ingest.json.JsonToAvro} turns a part of a body that passed
 * into an Avro record. The record's schema says how, by properties that Avro itself ignores, each a
 * constant of {@link io.penstock.ingest.json.MappingProperties}:
 *
 * <table>
 * <caption>Properties of schemas</caption>
 * <tr><th>property</th><th>of a</th><th>meaning</th></tr>
 * <tr><td>{@code "penstock.json": "user.email"}</td><td>field</td><td>The member that the field is read from: a dotted path below
 *     the object that the record is read from. Without the property the member's name follows from the field's, see
 *     {@code penstock.jsonNames}. The empty path is that object itself; a record with such a field has no other field.</td></tr>
 * <tr><td>{@code "penstock.jsonNames": "snake_case"}</td><td>event</td><td>For all fields of the event and of its records
 *     that have no {@code penstock.json}: a field {@code scanId} is read from the member {@code scan_id}. Without the
 *     property a member has its field's name.</td></tr>
 * <tr><td>{@code "penstock.jsonToo": "presentedBy"}</td><td>field</td><td>A second member that the field is read from,
 *     for a member that is spelt in two ways. If a body has both with different values, the field is null, and noted.</td></tr>
 * <tr><td>{@code "penstock.opaque": true}</td><td>string field</td><td>The field holds the exact JSON text of a value that may have
 *     any form.</td></tr>
 * <tr><td>{@code "penstock.anyValue": true}</td><td>record</td><td>The record stands for a value that may have any form: a JSON
 *     string goes to its one string field, the exact text of anything else, null included, to its one opaque field.
 *     </td></tr>
 * <tr><td>{@code "penstock.present": true}</td><td>field: array of strings</td><td>The field gets the names of those
 *     fields of its record for which the JSON has a member, also if that is null: tells a value that was set to null from
 *     one that the sender left out.</td></tr>
 * <tr><td>{@code "penstock.elsewhere": ["session_id"]}</td><td>record</td><td>Documented members that are read into
 *     another record: skipped without a note.</td></tr>
 * <tr><td>{@code "penstock.eventType": "file_uploaded"}</td><td>field of an event</td><td>The field is set for events of this type
 *     only; read by {@link io.penstock.ingest.provider.EventRecords}.</td></tr>
 * <tr><td>{@code "penstock.eventForm": "v1"}</td><td>field of an event</td><td>Beside the type, where a provider
 *     sends one type in several forms: the form that the field is for.</td></tr>
 * <tr><td>{@code "penstock.eventTypes": ["deleted"]}</td><td>event</td><td>Documented types whose events carry
 *     nothing but what all events have: they have no record, because many readers cannot take an empty one.</td></tr>
 * </table>
 */
@NullMarked
package io.penstock.ingest.json;

import org.jspecify.annotations.NullMarked;
