/**
 * The way into the store: files are hashed in one pass, and what was found is committed in groups.
 */
package org.veilor.seed.store.importer;
