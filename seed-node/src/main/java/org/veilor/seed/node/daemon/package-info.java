/**
 * The daemon: store, seeder, endpoint and control API wired together, started and stopped in order.
 */
package org.veilor.seed.node.daemon;
