/**
 * Files of the state folder: outboards, the lock, the identity; and the open channels of served
 * files.
 */
package org.veilor.seed.store.file;
