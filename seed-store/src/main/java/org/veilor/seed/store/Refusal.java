package org.veilor.seed.store;

import java.nio.file.Path;

/**
 * Why a path is not seeded.
 *
 * @param why a sentence for people
 * @param atMillis when that was found, milliseconds since 1970
 */
public record Refusal(String service, Path path, String why, long atMillis) {}
