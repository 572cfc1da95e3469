/** What getters and providers say to each other: requests, observe items, error codes, limits. */
package org.veilor.seed.blobs.protocol;
