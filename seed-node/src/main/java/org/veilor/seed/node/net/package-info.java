/** The daemon's network side: the iroh-blobs provider on an iroh endpoint. */
package org.veilor.seed.node.net;
