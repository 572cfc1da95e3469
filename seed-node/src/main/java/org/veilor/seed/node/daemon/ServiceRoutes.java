package org.veilor.seed.node.daemon;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.gossip.service.Invite;
import org.veilor.seed.gossip.service.ServiceKey;
import org.veilor.seed.gossip.service.ServiceName;
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

  ServiceRoutes(Node node) {
    this.node = node;
  }

  /** The invite of a service that this node is in, made if it is one of its own configured ones. */
  void invite(ControlRequest request, ControlAnswer answer) throws ControlException, IOException {
    String name = service(request);
    Invite known = node.memberships().named(name);
    Invite invite = known == null ? newInvite(name) : withOwnAddress(known);
    if (!invite.equals(known)) {
      node.memberships().put(invite);
    }
    if (known == null) {
      node.announcer().joined(invite);
    }
    answer.json(described(invite).put("invite", invite.text()));
  }

  private Invite newInvite(String name) throws ControlException {
    ServiceSettings settings =
        node.config().services().stream()
            .filter(service -> service.name().equals(name))
            .findFirst()
            .orElseThrow(() ->
                new ControlException(
                    Kind.NOT_FOUND,
                    "there is no service '"
                        + name
                        + "'; 'veilor-seed status' lists those of this node"));
    if (settings.exposure() != Exposure.PUBLIC) {
      throw new ControlException(
          Kind.REFUSED,
          settings.exposure() == Exposure.LOCAL
              ? "the service '" + name + "' is local: nothing of it leaves this machine"
              : "the service '" + name + "' is a group, and groups are not built yet");
    }
    String realm = settings.realm().isEmpty() ? self().id().toString() : settings.realm();
    return new Invite(
        new ServiceKey.Public(new ServiceName(realm, name)), List.of(self().id()), List.of(self()));
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
    if (invite.service() instanceof ServiceKey.Group) {
      throw new ControlException(
          Kind.REFUSED, "it is the invite of a group, and groups are not built yet");
    }
    ServiceName name = invite.service().name();
    Invite known = node.memberships().named(name.name());
    if (known != null && !known.service().equals(invite.service())) {
      throw new ControlException(
          Kind.REFUSED,
          "this node is in a service of that name already, of realm "
              + known.service().name().realm()
              + "; leave it first");
    }
    node.memberships().put(invite);
    node.announcer().joined(invite);
    answer.json(described(invite));
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
    if (!node.memberships().remove(name)) {
      throw new ControlException(
          Kind.NOT_FOUND, "this node is in no service '" + name + "' with others");
    }
    node.announcer().left(name);
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
