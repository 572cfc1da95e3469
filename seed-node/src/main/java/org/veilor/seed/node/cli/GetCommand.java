package org.veilor.seed.node.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.core.blob.BlobFormat;
import org.veilor.seed.core.blob.HashAndFormat;
import org.veilor.seed.core.hash.Hash;
import org.veilor.seed.core.ticket.BlobTicket;
import org.veilor.seed.core.wire.MalformedException;
import org.veilor.seed.node.config.Quantities;
import org.veilor.seed.node.config.WebAddress;
import org.veilor.seed.node.control.ControlClient;
import org.veilor.seed.node.download.DownloadException;
import org.veilor.seed.node.download.DownloadFailure;
import org.veilor.seed.node.download.Provider;
import org.veilor.seed.node.fetch.Fetching;
import org.veilor.seed.node.fetch.FileFetch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code get}: fetches what tickets name. */
@Command(
    name = "get",
    description = {
      "Fetches a blob or a collection, verified, from all providers that the tickets name.",
      "A try that was broken off is resumed. A bare hash is asked of the daemon on this machine."
    })
final class GetCommand extends BaseCommand {
  private static final String PART_SUFFIX = ".veilor-part";

  @Parameters(
      arity = "1..*",
      paramLabel = "TICKET|HASH",
      description = "Several tickets of one hash are several providers.")
  private List<String> words = new ArrayList<>();

  @Option(
      names = {"-o", "--output"},
      paramLabel = "PATH",
      description = {
        "File, or folder for a collection; '-' is standard output. Default: the current folder,",
        "and for a single blob its hash as the name."
      })
  private @Nullable String output;

  @Option(
      names = "--origin",
      paramLabel = "URL",
      description = {
        "Where a web server has the blob (repeatable): asked when no peer gives it, and believed",
        "only if the hash is right."
      })
  private List<String> originTexts = new ArrayList<>();

  @Option(names = "--overwrite", description = "Replace files that are there.")
  private boolean overwrites;

  @Option(names = "--json", description = "Print what was fetched as JSON.")
  private boolean json;

  @Override
  public Integer call() throws Exception {
    List<URI> origins = new ArrayList<>();
    for (String text : originTexts) {
      origins.add(origin(text));
    }
    List<BlobTicket> tickets = new ArrayList<>();
    @Nullable HashAndFormat content = null;
    for (String word : words) {
      HashAndFormat named;
      if (isHash(word)) {
        List<BlobTicket> known = ticketsOfDaemon(word, !origins.isEmpty());
        tickets.addAll(known);
        named = known.isEmpty() ? content(word) : known.getFirst().content();
      } else {
        BlobTicket ticket = ticket(word);
        tickets.add(ticket);
        named = ticket.content();
      }
      if (content != null && !named.equals(content)) {
        throw new CliException(
            CliException.USAGE,
            "the tickets name different blobs, "
                + content.hash()
                + " and "
                + named.hash()
                + "; fetch them one by one");
      }
      content = named;
    }
    if (content == null) {
      throw new CliException(CliException.USAGE, "a ticket or a hash is needed");
    }
    if (content.format() == BlobFormat.HASH_SEQUENCE && !origins.isEmpty()) {
      throw new CliException(
          CliException.USAGE, "an --origin has one file; a collection needs tickets");
    }
    List<Provider> providers = tickets.stream().map(each -> Provider.of(each.addr())).toList();
    try {
      return fetch(content, providers, origins);
    } catch (DownloadException e) {
      throw new CliException(exitCode(e.failure()), String.valueOf(e.getMessage()));
    }
  }

  private static HashAndFormat content(String hash) throws CliException {
    try {
      return hash.length() == 52 ? HashAndFormat.raw(Hash.parse(hash)) : HashAndFormat.parse(hash);
    } catch (MalformedException e) {
      throw new CliException(CliException.USAGE, "'" + hash + "' is no hash: " + e.getMessage());
    }
  }

  private static URI origin(String text) throws CliException {
    try {
      return WebAddress.parse(text);
    } catch (IllegalArgumentException e) {
      throw new CliException(CliException.USAGE, "--origin: " + e.getMessage());
    }
  }

  private static BlobTicket ticket(String word) throws CliException {
    try {
      return BlobTicket.parse(word.strip());
    } catch (MalformedException e) {
      throw new CliException(
          CliException.USAGE,
          "'" + word + "' is neither a blob ticket nor a hash: " + e.getMessage());
    }
  }

  /**
   * Whom the daemon knows to have a blob.
   *
   * @param mayBeNobody whether there is another way to get it
   */
  private List<BlobTicket> ticketsOfDaemon(String hash, boolean mayBeNobody) throws Exception {
    List<BlobTicket> tickets = new ArrayList<>();
    String cure = "give a ticket or an --origin";
    try {
      for (JsonNode text :
          client().get("/ticket", Map.of("hash", hash, "others", "true")).path("tickets")) {
        tickets.add(ticket(text.asText()));
      }
    } catch (ControlClient.NoDaemonException e) {
      cure = "give a ticket or an --origin, or start the daemon, which may know somebody";
    }
    if (tickets.isEmpty() && !mayBeNobody) {
      throw new CliException(
          CliException.NOT_FOUND, "nobody is known to have " + hash + ": " + cure);
    }
    return tickets;
  }

  private int fetch(HashAndFormat content, List<Provider> providers, List<URI> origins)
      throws Exception {
    boolean isCollection = content.format() == BlobFormat.HASH_SEQUENCE;
    if ("-".equals(output)) {
      if (isCollection) {
        throw new CliException(
            CliException.USAGE, "a collection is many files; give a folder with -o");
      }
      return toStandardOutput(content, providers, origins);
    }
    Path target = target(content, isCollection);
    if (!isCollection) {
      FileFetch.refuseExisting(target, overwrites);
    }
    Path folder = isCollection ? target : parent(target);
    Files.createDirectories(folder);
    Path part = folder.resolve("." + content.hash() + PART_SUFFIX);
    Fetching fetching = Fetching.open(part, providers, origins);
    try (Progress progress = Progress.bytes("fetching", 1, err())) {
      FileFetch files =
          new FileFetch(
              fetching::download,
              fetching.cache(),
              overwrites,
              (done, total, count) -> progress.at(done, total, count > 0 ? count + " files" : ""));
      List<Path> written;
      if (isCollection) {
        written = files.collection(content.hash(), target);
      } else {
        files.blob(content.hash(), target);
        written = List.of(target);
      }
      fetching.close();
      fetching.discard();
      tell(content, written, files.finishedBytes(), fetching.given());
    } finally {
      fetching.close();
      fetching.discardIfEmpty();
    }
    return 0;
  }

  private int toStandardOutput(HashAndFormat content, List<Provider> providers, List<URI> origins)
      throws Exception {
    Path part = Files.createTempDirectory("veilor-get");
    Fetching fetching = Fetching.open(part, providers, origins);
    try {
      BufferedOutputStream out = new BufferedOutputStream(out(), 1 << 16);
      new FileFetch(fetching::download, fetching.cache(), false, (done, total, files) -> {})
          .stream(content.hash(), out);
      out.flush();
      if (out().checkError()) {
        throw new IOException("standard output was closed");
      }
    } finally {
      fetching.close();
      fetching.discard();
    }
    return 0;
  }

  private Path target(HashAndFormat content, boolean isCollection) {
    Path given = absolute(output == null ? "." : output);
    if (isCollection || !Files.isDirectory(given, LinkOption.NOFOLLOW_LINKS)) {
      return given;
    }
    return given.resolve(content.hash().toString());
  }

  private static Path parent(Path target) {
    Path parent = target.getParent();
    return parent == null ? target : parent;
  }

  private void tell(
      HashAndFormat content, List<Path> written, long bytes, List<Fetching.Given> providers) {
    if (!json) {
      err()
          .println(
              "fetched "
                  + (written.size() == 1 ? written.getFirst() : written.size() + " files")
                  + ", "
                  + Quantities.formatSize(bytes)
                  + ", verified");
      return;
    }
    ObjectNode result = JSON.createObjectNode();
    result.put("hash", content.hash().toString()).put("bytes", bytes);
    ArrayNode files = result.putArray("files");
    written.forEach(path -> files.add(path.toString()));
    ArrayNode from = result.putArray("providers");
    for (Fetching.Given given : providers) {
      from.addObject()
          .put("endpoint", given.provider().toString())
          .put("bytes", given.bytes())
          .put("wasted_bytes", given.wastedBytes());
    }
    printJson(result);
  }

  private static int exitCode(DownloadFailure failure) {
    return switch (failure.kind()) {
      case NO_PROVIDER, NOT_FOUND -> CliException.NOT_FOUND;
      case DENIED, REFUSED_HERE -> CliException.REFUSED;
      case ALL_FAILED, TOO_LARGE, TIMEOUT, CANCELLED, OVERLOADED, STORAGE -> CliException.FAILED;
    };
  }
}
