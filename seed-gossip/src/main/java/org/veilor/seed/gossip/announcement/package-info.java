/** What nodes of a service tell each other, signed; and what of it is believed. */
package org.veilor.seed.gossip.announcement;
