/**
 * From tickets to files: blobs and collections, resumed, verified, and never over what is there.
 */
package org.veilor.seed.node.fetch;
