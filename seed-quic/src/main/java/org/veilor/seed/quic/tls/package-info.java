/**
 * The TLS 1.3 handshake with raw public keys (RFC 7250, RFC 9001 §4), driven as a message engine.
 */
package org.veilor.seed.quic.tls;
