/** Frames as values, read from and written to the payload of a packet (RFC 9000 §19, RFC 9221). */
package org.veilor.seed.quic.frame;
