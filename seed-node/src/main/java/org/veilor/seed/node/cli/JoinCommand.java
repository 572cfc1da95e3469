package org.veilor.seed.node.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.gossip.service.Invite;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code join}: says what an invite grants, and uses it unless only that was asked. */
@Command(
    name = "join",
    description = {
      "Joins a service with the text that 'veilor-seed invite' printed on another node.",
      "From then on this node knows who has its files, as they are announced or asked for."
    },
    footerHeading = BaseCommand.EXAMPLE,
    footer = {"  veilor-seed join --show veilorservice...", "  veilor-seed join veilorservice..."})
final class JoinCommand extends BaseCommand {
  @Parameters(
      arity = "1..*",
      paramLabel = "INVITE",
      description = "The text; breaks, quotation marks and capital letters do no harm.")
  private List<String> words = new ArrayList<>();

  @Option(
      names = "--show",
      description = "Only say what the invite grants, whom it trusts and what others learn.")
  private boolean show;

  @Override
  public Integer call() throws Exception {
    String text = String.join("", words);
    Invite invite = parse(text);
    // Before it is used, so that whoever changes their mind knows what to leave.
    out().println(invite.grants());
    if (show) {
      invite.origins().forEach(origin -> out().println("origin   " + origin));
      invite.bootstrap().forEach(contact -> out().println("contact  " + described(contact)));
      return 0;
    }
    client().post("/join", Map.of(), JSON.createObjectNode().put("invite", text));
    return 0;
  }

  private static Invite parse(String text) throws CliException {
    try {
      return Invite.parse(text);
    } catch (MalformedException e) {
      throw new CliException(CliException.USAGE, "that is no invite: " + e.getMessage());
    }
  }

  private static String described(EndpointAddr contact) {
    EndpointId id = contact.id();
    String addresses =
        contact.addrs().stream().map(Object::toString).collect(Collectors.joining(" "));
    return addresses.isEmpty() ? id.toString() : id + "  " + addresses;
  }
}
