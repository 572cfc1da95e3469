/** The getter: a request, and its response verified item by item, as a state machine. */
package org.veilor.seed.blobs.getter;
