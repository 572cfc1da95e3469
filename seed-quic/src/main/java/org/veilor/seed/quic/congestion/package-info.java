/** Congestion control (CUBIC with HyStart++, NewReno) and pacing. */
package org.veilor.seed.quic.congestion;
