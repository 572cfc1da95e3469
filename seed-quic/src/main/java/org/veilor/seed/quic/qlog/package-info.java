/** Looking into a connection: an observer, and its notes as qlog, to be viewed in qvis. */
package org.veilor.seed.quic.qlog;
