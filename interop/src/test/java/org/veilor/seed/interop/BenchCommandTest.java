package org.veilor.seed.interop;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code bench} measures this machine, transfer included, and leaves nothing behind. */
final class BenchCommandTest {
  private static final Duration LIMIT = Duration.ofMinutes(5);

  @TempDir private Path temporary = Path.of("");

  @Test
  void everyFigureIsMeasuredAndSaysWhatLimits() throws IOException {
    Path disk = Files.createDirectories(temporary.resolve("disk"));
    Child.Finished result =
        Cli.run(temporary, LIMIT, "bench", "--size", "4", "--json", "--dir", disk).expectExit(0);
    JsonNode json = new ObjectMapper().readTree(String.join("\n", result.stdout()));
    assertThat(json.path("figures")).hasSizeGreaterThanOrEqualTo(6);
    for (JsonNode figure : json.path("figures")) {
      assertThat(figure.path("bytes_per_second").asLong()).as(figure.toString()).isPositive();
      assertThat(figure.path("reference_bytes_per_second").asLong())
          .as(figure.toString())
          .isPositive();
    }
    assertThat(json.path("transfer_cpu_seconds_per_gib").asDouble()).isPositive();
    assertThat(json.path("limits")).hasSize(2);
    try (Stream<Path> left = Files.list(disk)) {
      assertThat(left).isEmpty();
    }
  }
}
