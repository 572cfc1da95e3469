package org.veilor.seed.node.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;

class ConfigFuzzTest {
  /** Any text is a configuration that can be written and read again, or its mistakes are told. */
  @FuzzTest
  void aConfigurationIsReadOrItsMistakesAreTold(byte[] input) throws ConfigException {
    Config config;
    try {
      config = ConfigReader.parse(new String(input, StandardCharsets.UTF_8), "f");
    } catch (ConfigException e) {
      assertThat(e.getMessage()).isNotEmpty();
      return;
    }
    assertThat(ConfigReader.parse(ConfigText.toml(config), "f")).isEqualTo(config);
  }
}
