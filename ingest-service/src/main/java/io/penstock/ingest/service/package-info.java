/**
 * One running instance: its roles, the order in which they open and close, and what watches the
 * cluster for them.
 */
@org.jspecify.annotations.NullMarked
package io.penstock.ingest.service;
