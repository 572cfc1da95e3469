/** Tickets: a text that says whom to ask, and for which blob. */
package org.veilor.seed.core.ticket;
