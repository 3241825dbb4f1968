/**
 * Reading JSON that others wrote, from its bytes, without ever building a tree of it.
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
 *     the object that the record is read from. Without the property it is the member of the field's own name. The empty
 *     path is that object itself; a record with such a field has no other.</td></tr>
 * <tr><td>{@code "penstock.jsonToo": "presentedBy"}</td><td>field</td><td>Another member, likewise, that the field is read from:
 *     for one that is spelt in two ways. If a body has both, they must say the same, or the field is null and noted.</td></tr>
 * <tr><td>{@code "penstock.opaque": true}</td><td>string field</td><td>The field holds the exact JSON text of a value that may have
 *     any form.</td></tr>
 * <tr><td>{@code "penstock.anyValue": true}</td><td>record</td><td>The record stands for a value that may have any form: a JSON
 *     string goes to its one string field, the exact text of anything else, null included, to its one opaque field.
 *     </td></tr>
 * <tr><td>{@code "penstock.present": true}</td><td>field: array of strings</td><td>The field gets the names of those
 *     fields of its record for which the JSON has a member, be it null: tells what was set to nothing from what is not
 *     spoken of.</td></tr>
 * <tr><td>{@code "penstock.elsewhere": ["session_id"]}</td><td>record</td><td>Members that are known, and are in a field
 *     of another record: passed over without a note.</td></tr>
 * <tr><td>{@code "penstock.eventType": "file_uploaded"}</td><td>field of an event</td><td>The field is set for events of this type
 *     only; read by {@link io.penstock.ingest.provider.EventRecords}.</td></tr>
 * <tr><td>{@code "penstock.eventForm": "v1"}</td><td>field of an event</td><td>Beside the type, where a provider
 *     sends one type in several forms: the form that the field is for.</td></tr>
 * <tr><td>{@code "penstock.eventTypes": ["deleted"]}</td><td>event</td><td>Types that are known, and whose events carry
 *     nothing but what all events have: they have no record, since many readers cannot take an empty one.</td></tr>
 * </table>
 */
@NullMarked
package io.penstock.ingest.json;

import org.jspecify.annotations.NullMarked;
