/** The provider: answers one request on one stream, as a state machine. */
package org.veilor.seed.blobs.provider;
