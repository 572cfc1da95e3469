/**
 * An iroh endpoint as a library: bind, accept protocols by ALPN, dial peers by endpoint id,
 * exchange streams and datagrams.
 *
 * <p>Start at {@code IrohEndpoint}. Callbacks run on the endpoint's one event loop and must not
 * block; {@code BlockingStream} serves code on other threads.
 */
package org.veilor.seed.net;
