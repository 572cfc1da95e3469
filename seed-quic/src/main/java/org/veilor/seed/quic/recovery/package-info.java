/** Loss detection (RFC 9002): sent packets, acknowledgements, round-trip times, probe timeouts. */
package org.veilor.seed.quic.recovery;
