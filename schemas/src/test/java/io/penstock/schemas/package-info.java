/**
 * What is made of the schemas, and what keeps them: the page of all fields, the AsyncAPI document,
 * and the check against what was released.
 */
@org.jspecify.annotations.NullMarked
package io.penstock.schemas;
