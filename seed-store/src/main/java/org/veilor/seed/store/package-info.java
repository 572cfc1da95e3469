/**
 * What the daemon knows of blobs and where their bytes lie: the facade, its records and its
 * outcomes.
 */
package org.veilor.seed.store;
