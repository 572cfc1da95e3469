/** The catalogues of services in the daemon: built as an origin, kept and read as a member. */
package org.veilor.seed.node.catalogue;
