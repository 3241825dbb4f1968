package io.penstock.ingest.lookup;

/**
 * How far a read has come.
 *
 * @param read how many records of the range lie behind it, about: gaps count as records
 * @param total how many records the range has, about; 0 where the read has no end
 * @param behind how many records have been written that are not read yet, as far as is known
 */
public record ReadProgress(long read, long total, long behind) {}
