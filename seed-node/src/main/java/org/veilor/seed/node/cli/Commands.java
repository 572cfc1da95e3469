package org.veilor.seed.node.cli;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine;

/** Which commands there are. */
final class Commands {
  /** In the order of the help; each under the name that its annotation gives it. */
  static final Map<String, Class<?>> BY_NAME = Collections.unmodifiableMap(byName());

  private Commands() {}

  private static Map<String, Class<?>> byName() {
    Map<String, Class<?>> commands = new LinkedHashMap<>();
    commands.put("run", RunCommand.class);
    commands.put("add", AddCommand.class);
    commands.put("get", GetCommand.class);
    commands.put("ticket", TicketCommand.class);
    commands.put("pin", PinCommand.class);
    commands.put("unpin", UnpinCommand.class);
    commands.put("catalogue", CatalogueCommand.class);
    commands.put("deny", DenyCommand.class);
    commands.put("forget", ForgetCommand.class);
    commands.put("allow", AllowCommand.class);
    commands.put("invite", InviteCommand.class);
    commands.put("join", JoinCommand.class);
    commands.put("leave", LeaveCommand.class);
    commands.put("ls", ListCommand.class);
    commands.put("status", StatusCommand.class);
    commands.put("peers", PeersCommand.class);
    commands.put("why", WhyCommand.class);
    commands.put("resume", ResumeCommand.class);
    commands.put("hash", HashCommand.class);
    commands.put("bench", BenchCommand.class);
    commands.put("doctor", DoctorCommand.class);
    commands.put("config", ConfigCommand.class);
    commands.put("version", VersionCommand.class);
    commands.put("completion", CompletionCommand.class);
    commands.put("help", CommandLine.HelpCommand.class);
    return commands;
  }
}
