/**
 * Reading JSON that others wrote, from its bytes, without ever building a tree of it.
 *
 * <p>{@link io.penstock.ingest.json.JsonScan} decides whether a body is well-formed and captures a
 * few members of it; {@link io.penstock.ingest.json.JsonToAvro} turns a part of a body that passed
 * into an Avro record. The record's schema says how, by properties that Avro itself ignores:
 *
 * <table>
 * <caption>Properties of schemas</caption>
 * <tr><th>property</th><th>of a</th><th>meaning</th></tr>
 * <tr><td>{@code "json": "user.email"}</td><td>field</td><td>The member that the field is read from: a dotted path below
 *     the object that the record is read from. Without the property it is the member of the field's own name. The empty
 *     path is that object itself; a record with such a field has no other.</td></tr>
 * <tr><td>{@code "jsonToo": "presentedBy"}</td><td>field</td><td>Another member, likewise, that the field is read from:
 *     for one that is spelt in two ways. If a body has both, they must say the same, or the field is null and noted.</td></tr>
 * <tr><td>{@code "opaque": true}</td><td>string field</td><td>The field holds the exact JSON text of a value that may have
 *     any form.</td></tr>
 * <tr><td>{@code "anyValue": true}</td><td>record</td><td>The record stands for a value that may have any form: a JSON
 *     string goes to its one string field, the exact text of anything else, null included, to its one opaque field.
 *     </td></tr>
 * <tr><td>{@code "eventType": "file_uploaded"}</td><td>field of an event</td><td>The field is set for events of this type
 *     only; read by {@link io.penstock.ingest.provider.EventRecords}.</td></tr>
 * <tr><td>{@code "eventForm": "v1"}</td><td>field of an event</td><td>Beside {@code eventType}, where a provider sends
 *     one type in several forms: the form that the field is for.</td></tr>
 * </table>
 */
@NullMarked
package io.penstock.ingest.json;

import org.jspecify.annotations.NullMarked;
