/**
 * Packet protection and tokens: the secrets of RFC 9001 §5 and §6 and what is derived from them.
 */
package org.veilor.seed.quic.crypto;
