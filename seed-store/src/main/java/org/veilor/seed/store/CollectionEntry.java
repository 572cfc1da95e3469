package org.veilor.seed.store;

import org.veilor.seed.core.hash.Hash;

/** A file of a collection: its name, a relative path with {@code /}, and its blob. */
public record CollectionEntry(String name, Hash hash) {}
