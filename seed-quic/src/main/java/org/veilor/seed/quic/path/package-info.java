/** Paths of a connection: their routes, validation, and the search for the largest datagram. */
package org.veilor.seed.quic.path;
