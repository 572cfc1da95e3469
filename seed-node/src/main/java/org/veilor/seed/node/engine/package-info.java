/** Which BLAKE3 engine does the work: when it is warmed up, and how it is watched. */
package org.veilor.seed.node.engine;
