/**
 * Transport parameters, the settings that both sides exchange in the TLS handshake (RFC 9000 §18).
 */
package org.veilor.seed.quic.params;
