package org.veilor.seed.gossip.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.veilor.seed.core.identity.SecretKey;

class ServiceKeyTest {
  private static final ServiceName NAME = new ServiceName("x.veilor", "misskey");

  private static ServiceSecret secret(int first) {
    byte[] bytes = new byte[ServiceSecret.LENGTH];
    bytes[0] = (byte) first;
    return ServiceSecret.of(bytes);
  }

  @Test
  void topicsDifferByRealmNameExposureAndSecret() {
    assertThat(new ServiceKey.Public(NAME).topic())
        .isEqualTo(new ServiceKey.Public(new ServiceName("x.veilor", "misskey")).topic())
        .isNotEqualTo(new ServiceKey.Public(new ServiceName("x.veilorm", "isskey")).topic())
        .isNotEqualTo(new ServiceKey.Group(NAME, secret(0)).topic());
    assertThat(new ServiceKey.Group(NAME, secret(1)).topic())
        .isNotEqualTo(new ServiceKey.Group(NAME, secret(0)).topic());
  }

  @Test
  void aGroupTagIsOfOneMemberSequenceAndSecret() {
    var issuer = SecretKey.of(new byte[32]).id();
    ServiceKey group = new ServiceKey.Group(NAME, secret(1));
    assertThat(group.groupTag(issuer, 7)).hasSize(32).isEqualTo(group.groupTag(issuer, 7));
    assertThat(group.groupTag(issuer, 7)).isNotEqualTo(group.groupTag(issuer, 8));
    assertThat(group.groupTag(issuer, 7))
        .isNotEqualTo(new ServiceKey.Group(NAME, secret(2)).groupTag(issuer, 7));
    assertThat(new ServiceKey.Public(NAME).groupTag(issuer, 7)).isEmpty();
  }

  @Test
  void aSecretNeverShowsItself() {
    assertThat(new ServiceKey.Group(NAME, secret(1)).toString()).doesNotContain("01", "[1");
  }

  @Test
  void namesAreChecked() {
    assertThatThrownBy(() -> new ServiceName("", "a")).hasMessageContaining("realm");
    assertThatThrownBy(() -> new ServiceName("a", "b\n")).hasMessageContaining("control");
    assertThatThrownBy(() -> new ServiceName("a", "ä".repeat(128))).hasMessageContaining("256");
  }
}
