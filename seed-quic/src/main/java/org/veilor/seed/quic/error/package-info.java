/** The errors of RFC 9000 §20 and the exception that carries one to the connection. */
package org.veilor.seed.quic.error;
