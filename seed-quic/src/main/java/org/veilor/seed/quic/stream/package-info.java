/** Streams and flow control: send and receive halves, credit, and which STREAM frame comes next. */
package org.veilor.seed.quic.stream;
