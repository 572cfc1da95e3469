/** The HTTP gateway: blobs over HTTP/1.1 and h2c, streamed while they are verified. */
package org.veilor.seed.node.gateway;
