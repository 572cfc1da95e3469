/** What this node must not serve or fetch, and who says so. It outlives the database. */
package org.veilor.seed.node.policy;
