/** The control API: HTTP with JSON over a Unix socket, server and client. */
package org.veilor.seed.node.control;
