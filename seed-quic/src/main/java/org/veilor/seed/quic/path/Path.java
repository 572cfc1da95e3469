package org.veilor.seed.quic.path;

import org.jspecify.annotations.Nullable;
import org.veilor.seed.quic.recovery.PacketSpace;

/**
 * A path of a connection: its packet number space and the route it takes at present.
 *
 * <p>Only path 0 exists today. The packet number space, the nonce (through {@link #id}) and the
 * congestion state already belong to the path, so that multipath needs no rebuilding.
 */
public final class Path {
  private final int id;
  private final PacketSpace space;
  private Route route;
  private @Nullable Route fallback;
  private @Nullable PathValidation validation;

  /** A path with its first route. */
  public Path(int id, PacketSpace space, Route route) {
    this.id = id;
    this.space = space;
    this.route = route;
  }

  /** The path id; part of the AEAD nonce. */
  public int id() {
    return id;
  }

  /** The application data packet number space of this path. */
  public PacketSpace space() {
    return space;
  }

  /** The route packets take now. */
  public Route route() {
    return route;
  }

  /** The validation that runs, if one does. */
  public @Nullable PathValidation validation() {
    return validation;
  }

  /** Starts to validate a route. */
  public void validate(PathValidation run) {
    validation = run;
  }

  /**
   * Goes back to the last validated route if that is where the peer is again: it was seen there
   * moments ago, so RFC 9000 §9.3 lets it count as valid.
   *
   * @return whether it did
   */
  public boolean returnTo(NetworkPath networkPath) {
    Route old = fallback;
    if (old == null || !old.networkPath().equals(networkPath)) {
      return false;
    }
    route = old;
    fallback = null;
    validation = null;
    return true;
  }

  /** Takes another route; the last validated one is kept to fall back on (RFC 9000 §9.3.2). */
  public void migrateTo(Route next) {
    if (route.isValidated()) {
      fallback = route;
    }
    route = next;
    validation = null;
  }

  /** The validation succeeded. */
  public void onValidated() {
    PathValidation run = validation;
    if (run != null) {
      run.route().setValidated();
    }
    validation = null;
    fallback = null;
  }

  /**
   * The validation failed.
   *
   * @return whether there is still a route: false ends the connection silently (RFC 9000 §9.3.2)
   */
  public boolean onValidationFailed() {
    validation = null;
    if (route.isValidated()) {
      return true;
    }
    if (fallback == null) {
      return false;
    }
    route = fallback;
    fallback = null;
    return true;
  }
}
