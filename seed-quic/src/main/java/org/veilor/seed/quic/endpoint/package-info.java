/**
 * All connections behind a set of sockets: who a datagram is for, who may come in, and what is
 * refused.
 */
package org.veilor.seed.quic.endpoint;
