/** The command line: one class for each command of {@code veilor-seed}. */
package org.veilor.seed.node.cli;
