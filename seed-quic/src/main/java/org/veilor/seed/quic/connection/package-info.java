/**
 * A connection as a state machine of five verbs, and the parts it is made of (RFC 9000, RFC 9001).
 */
package org.veilor.seed.quic.connection;
