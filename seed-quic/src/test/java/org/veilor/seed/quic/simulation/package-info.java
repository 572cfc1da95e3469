/** Endpoints joined by a network that exists only in memory, in virtual time. */
@org.jspecify.annotations.NullMarked
package org.veilor.seed.quic.simulation;
