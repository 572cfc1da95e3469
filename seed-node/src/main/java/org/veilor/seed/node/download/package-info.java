/** Downloads: one blob from several providers at once, verified while it arrives. */
package org.veilor.seed.node.download;
