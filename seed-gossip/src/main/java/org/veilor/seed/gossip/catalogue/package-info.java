/** The catalogue of a service: all that an origin vouches for, as one hash sequence. */
package org.veilor.seed.gossip.catalogue;
