/** Who is in which group, how that is proved, and which blobs a group has. */
package org.veilor.seed.node.membership;
