/**
 * Packets as bytes: variable-length integers, connection ids, headers, packet numbers (RFC 9000
 * §16, §17).
 */
package org.veilor.seed.quic.packet;
