package org.veilor.seed.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code invite}. */
@Command(
    name = "invite",
    description = {
      "Prints the text with which another node joins a service of this one: 'veilor-seed join TEXT'.",
      "Whoever has it can fetch the service's files; what it grants is said on stderr."
    },
    footerHeading = BaseCommand.EXAMPLE,
    footer = {"  veilor-seed invite misskey", "  veilor-seed invite downloads --qr"})
final class InviteCommand extends BaseCommand {
  @Parameters(paramLabel = "SERVICE", description = "A service of this node, public or a group.")
  private String service = "";

  @Option(
      names = "--rotate",
      description = {
        "Changes the secret of a group first: whoever does not join again with the new text is out."
      })
  private boolean rotate;

  @Option(
      names = "--qr",
      description = {
        "Prints a QR code of the text first: black on white in a terminal, without colours into a"
            + " file or where NO_COLOR is set (then look at it with dark text on a light ground)."
      })
  private boolean qr;

  @Override
  public Integer call() throws Exception {
    JsonNode invite =
        client()
            .post("/invite", Map.of("service", service, "rotate", String.valueOf(rotate)), null);
    String text = invite.path("invite").asText();
    if (qr) {
      printCode(QrCode.of(text));
    }
    err().println(invite.path("grants").asText());
    out().println(text);
    return 0;
  }

  private void printCode(QrCode code) throws CliException {
    boolean isTerminal = Terminal.isStdoutTerminal();
    if (isTerminal) {
      requireRoom(code, Terminal.stdoutColumns());
    }
    boolean coloured = isTerminal && main().environment().getOrDefault("NO_COLOR", "").isEmpty();
    // Not println: a locale without these characters would print question marks.
    out().writeBytes(code.text(coloured).getBytes(StandardCharsets.UTF_8));
  }

  /** Lines that a terminal breaks make no code. */
  static void requireRoom(QrCode code, int columns) throws CliException {
    if (columns > 0 && columns < code.columns()) {
      throw new CliException(
          CliException.FAILED,
          "the QR code is "
              + code.columns()
              + " columns wide and this terminal "
              + columns
              + ": make the window wider or its letters smaller, write the code to a file"
              + " ('invite SERVICE --qr > FILE'), or pass the text on ('invite SERVICE')");
    }
  }
}
