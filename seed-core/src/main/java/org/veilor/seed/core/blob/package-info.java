/** Blobs: formats, hash sequences, collections, and the ports through which protocols read them. */
package org.veilor.seed.core.blob;
