/** What every part of the QUIC implementation shares. */
package org.veilor.seed.quic;
