/**
 * The disk cache: blobs of others, complete and partial, within an exact budget of allocated bytes.
 */
package org.veilor.seed.store.cache;
