/**
 * Seeding in place: the watcher as a hint, the scan as the truth, one state machine for each path.
 */
package org.veilor.seed.node.seeding;
