package org.veilor.seed.node.daemon;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.gossip.service.Invite;
import org.veilor.seed.gossip.service.ServiceKey;
import org.veilor.seed.gossip.service.ServiceName;
import org.veilor.seed.gossip.service.ServiceSecret;
import org.veilor.seed.node.config.Exposure;
import org.veilor.seed.node.config.ServiceSettings;
import org.veilor.seed.node.control.ControlAnswer;
import org.veilor.seed.node.control.ControlException;
import org.veilor.seed.node.control.ControlException.Kind;
import org.veilor.seed.node.control.ControlRequest;

/** {@code POST /invite}, {@code POST /join} and {@code POST /leave} of the control API. */
final class ServiceRoutes {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Endpoints of an invite to begin with, beside this one: more make it long. */
  private static final int MAX_OTHERS = 3;

  private final Node node;
  private final SecureRandom random = new SecureRandom();

  ServiceRoutes(Node node) {
    this.node = node;
  }

  /**
   * The invite of a service that this node is in, made if it is one of its own configured ones;
   * with {@code rotate} another one, with a new secret.
   */
  void invite(ControlRequest request, ControlAnswer answer) throws ControlException, IOException {
    String name = service(request);
    Invite known = current(name);
    Invite invite = known == null ? newInvite(name) : withOwnAddress(known);
    if (known != null && "true".equals(request.parameter("rotate"))) {
      invite = rotated(invite);
    }
    if (!invite.equals(known)) {
      node.memberships().put(invite);
    }
    if (known == null || !known.service().equals(invite.service())) {
      entered(invite);
    }
    answer.json(described(invite).put("invite", invite.text()));
  }

  /** The node is in a service now, or in another one of that name. */
  private void entered(Invite invite) {
    node.groups().refresh();
    node.announcer().joined(invite);
  }

  /** What is known of a service, unless it is of our own and its exposure is another one now. */
  private @Nullable Invite current(String name) {
    Invite known = node.memberships().named(name);
    Optional<ServiceSettings> settings = configured(name);
    if (known == null
        || settings.isEmpty()
        || !Services.name(settings.get(), self().id()).equals(known.service().name())
        || !known.origins().contains(self().id())) {
      return known;
    }
    boolean isGroup = known.service() instanceof ServiceKey.Group;
    return isGroup == (settings.get().exposure() == Exposure.GROUP) ? known : null;
  }

  private Invite rotated(Invite invite) throws ControlException {
    if (!(invite.service() instanceof ServiceKey.Group group)) {
      throw new ControlException(
          Kind.REFUSED, "the service is public: its invite holds no secret that could be changed");
    }
    if (!invite.origins().contains(self().id())) {
      throw new ControlException(
          Kind.REFUSED, "only a node that vouches for the service can change its secret");
    }
    return new Invite(
        new ServiceKey.Group(group.name(), ServiceSecret.generate(random)),
        invite.origins(),
        List.of(self()));
  }

  private Optional<ServiceSettings> configured(String name) {
    return node.config().services().stream()
        .filter(service -> service.name().equals(name))
        .findFirst();
  }

  private Invite newInvite(String name) throws ControlException {
    ServiceSettings settings =
        configured(name)
            .orElseThrow(() ->
                new ControlException(
                    Kind.NOT_FOUND,
                    "there is no service '"
                        + name
                        + "'; 'veilor-seed status' lists those of this node"));
    ServiceName full = Services.name(settings, self().id());
    ServiceKey key =
        switch (settings.exposure()) {
          case PUBLIC -> new ServiceKey.Public(full);
          case GROUP -> new ServiceKey.Group(full, ServiceSecret.generate(random));
          case LOCAL ->
              throw new ControlException(
                  Kind.REFUSED,
                  "the service '" + name + "' is local: nothing of it leaves this machine");
        };
    return new Invite(key, List.of(self().id()), List.of(self()));
  }

  private EndpointAddr self() {
    return node.tickets().address();
  }

  /** With this node among those to begin with, first and where it is now. */
  private Invite withOwnAddress(Invite invite) {
    EndpointId id = self().id();
    List<EndpointAddr> others =
        invite.bootstrap().stream()
            .filter(addr -> !addr.id().equals(id))
            .limit(MAX_OTHERS)
            .toList();
    List<EndpointAddr> bootstrap = new ArrayList<>(List.of(self()));
    bootstrap.addAll(others);
    return new Invite(invite.service(), invite.origins(), bootstrap);
  }

  void join(ControlRequest request, ControlAnswer answer) throws ControlException, IOException {
    Invite invite;
    try {
      invite = Invite.parse(request.body().path("invite").asText());
    } catch (MalformedException e) {
      throw new ControlException(Kind.USAGE, "that is no invite: " + e.getMessage());
    }
    ServiceName name = invite.service().name();
    Invite known = node.memberships().named(name.name());
    if (known != null && !mayReplace(known, invite)) {
      throw new ControlException(
          Kind.REFUSED,
          "this node is in a service of that name already, of realm "
              + known.service().name().realm()
              + "; leave it first");
    }
    node.memberships().put(invite);
    entered(invite);
    answer.json(described(invite));
  }

  /** The same service, also with a newer secret; what this node itself vouches for stays. */
  private boolean mayReplace(Invite known, Invite invite) {
    return known.service().equals(invite.service())
        || (known.service() instanceof ServiceKey.Group
            && invite.service() instanceof ServiceKey.Group
            && known.service().name().equals(invite.service().name())
            && !known.origins().contains(self().id()));
  }

  private static ObjectNode described(Invite invite) {
    ServiceName name = invite.service().name();
    return JSON.createObjectNode()
        .put("service", name.name())
        .put("realm", name.realm())
        .put("grants", invite.grants());
  }

  void leave(ControlRequest request, ControlAnswer answer) throws ControlException, IOException {
    String name = service(request);
    Invite known = node.memberships().named(name);
    if (known == null || !node.memberships().remove(name)) {
      throw new ControlException(
          Kind.NOT_FOUND, "this node is in no service '" + name + "' with others");
    }
    node.groups().refresh();
    node.announcer().left(name);
    node.catalogues().delete(known.service().topic());
    answer.json(JSON.createObjectNode().put("left", name));
  }

  private static String service(ControlRequest request) throws ControlException {
    String name = request.parameter("service");
    if (name == null) {
      throw new ControlException(Kind.USAGE, "\"service\" is needed");
    }
    return name;
  }
}
