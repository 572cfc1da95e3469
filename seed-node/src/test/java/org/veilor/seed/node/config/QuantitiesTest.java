package org.veilor.seed.node.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuantitiesTest {
  @ParameterizedTest
  @CsvSource({
    "1 B,1",
    "10 GB,10000000000",
    "1GiB,1073741824",
    "1.5 kB,1500",
    "0.5 MiB,524288",
    "2 TB,2000000000000"
  })
  void readsSizes(String text, long bytes) {
    assertThat(Quantities.sizeBytes(text)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @CsvSource({
    "30s,30000",
    "10min,600000",
    "24h,86400000",
    "250 ms,250",
    "1.5h,5400000",
    "7d,604800000"
  })
  void readsDurations(String text, long millis) {
    assertThat(Quantities.duration(text)).isEqualTo(Duration.ofMillis(millis));
  }

  @ParameterizedTest
  @CsvSource({
    "0,0 B",
    "999,999 B",
    "1000,1.00 kB",
    "1234567,1.23 MB",
    "99950000,100 MB",
    "1000000000000,1.00 TB"
  })
  void writesSizes(long bytes, String text) {
    assertThat(Quantities.formatSize(bytes)).isEqualTo(text);
  }

  @Test
  void readsRates() {
    assertThat(Quantities.rateBytesPerSecond("unlimited")).isEqualTo(Quantities.UNLIMITED);
    assertThat(Quantities.rateBytesPerSecond("20 MB/s")).isEqualTo(20_000_000L);
  }

  @ParameterizedTest
  @CsvSource({"listn,listen,1", "lsiten,listen,1", "abc,xyz,3", "'',ab,2", "same,same,0"})
  void countsEdits(String a, String b, int distance) {
    assertThat(Suggestions.distance(a, b)).isEqualTo(distance);
  }
}
