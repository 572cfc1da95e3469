package org.veilor.seed.node.gateway;

/**
 * A request without its body.
 *
 * @param target in origin form or absolute form, as it came
 * @param version as {@code HTTP/1.1}
 * @param fields all of them; for HTTP/2 with the authority as Host
 * @param bodyBytes length of the body as announced; 0 where there is none
 * @param keepAlive whether the client wants to go on with this connection
 */
record RequestHead(
    String method,
    String target,
    Version version,
    Fields fields,
    long bodyBytes,
    boolean keepAlive) {

  /** The versions that are spoken. */
  enum Version {
    HTTP_1_0,
    HTTP_1_1,
    HTTP_2
  }

  boolean isHead() {
    return method.equals("HEAD");
  }

  boolean isGet() {
    return method.equals("GET");
  }
}
