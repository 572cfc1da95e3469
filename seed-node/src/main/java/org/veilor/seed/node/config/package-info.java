/** The configuration: TOML read into records, with line and suggestion for every mistake. */
package org.veilor.seed.node.config;
