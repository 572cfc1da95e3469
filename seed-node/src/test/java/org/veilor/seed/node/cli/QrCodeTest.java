package org.veilor.seed.node.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.zxing.BinaryBitmap;
import com.google.zxing.DecodeHintType;
import com.google.zxing.RGBLuminanceSource;
import com.google.zxing.Result;
import com.google.zxing.ResultMetadataType;
import com.google.zxing.common.HybridBinarizer;
import com.google.zxing.qrcode.QRCodeReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.veilor.seed.core.address.EndpointAddr;
import org.veilor.seed.core.address.IpAddress;
import org.veilor.seed.core.address.TransportAddr;
import org.veilor.seed.core.identity.EndpointId;
import org.veilor.seed.core.identity.SecretKey;
import org.veilor.seed.gossip.service.Invite;
import org.veilor.seed.gossip.service.ServiceKey;
import org.veilor.seed.gossip.service.ServiceLimits;
import org.veilor.seed.gossip.service.ServiceName;
import org.veilor.seed.gossip.service.ServiceSecret;

/** Codes of invites, as a camera reads them from the lines that are printed. */
final class QrCodeTest {
  private static final int PIXELS = 4;
  private static final ServiceName NAME = new ServiceName("x.veilor", "misskey");
  private static final ServiceSecret SECRET = ServiceSecret.of(new byte[32]);

  private static EndpointId id(int number) {
    byte[] seed = new byte[SecretKey.LENGTH];
    seed[0] = (byte) number;
    return SecretKey.of(seed).id();
  }

  /** An endpoint with so many IPv6 addresses. */
  private static EndpointAddr addr(int number, int addresses) {
    List<TransportAddr> all = new ArrayList<>();
    for (int i = 0; i < addresses; i++) {
      byte[] bytes = id(number * 100 + i).toBytes();
      all.add(new TransportAddr.Ip(IpAddress.of(Arrays.copyOf(bytes, 16)), 4471));
    }
    return EndpointAddr.of(id(number), all);
  }

  /** As {@code invite} makes them: this node and three others to begin with. */
  private static Invite largest(boolean isGroup) {
    ServiceName name = new ServiceName("r".repeat(255), "n".repeat(255));
    List<EndpointId> origins = new ArrayList<>();
    for (int i = 0; i < ServiceLimits.MAX_ORIGINS; i++) {
      origins.add(id(i));
    }
    List<EndpointAddr> contacts = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      contacts.add(addr(i, ServiceLimits.MAX_ADDRESSES));
    }
    return new Invite(
        isGroup ? new ServiceKey.Group(name, SECRET) : new ServiceKey.Public(name),
        origins,
        contacts);
  }

  /** Photographs the lines: dark modules are those in the colour of text. */
  private static Result read(String text) throws Exception {
    List<String> lines = text.lines().toList();
    int width = lines.getFirst().length() * PIXELS;
    int height = lines.size() * 2 * PIXELS;
    int[] pixels = new int[width * height];
    for (int y = 0; y < height; y++) {
      String line = lines.get(y / (2 * PIXELS));
      boolean isUpper = y / PIXELS % 2 == 0;
      for (int x = 0; x < width; x++) {
        char character = line.charAt(x / PIXELS);
        boolean isDark = character == '█' || character == (isUpper ? '▀' : '▄');
        pixels[y * width + x] = isDark ? 0x000000 : 0xffffff;
      }
    }
    var bitmap =
        new BinaryBitmap(new HybridBinarizer(new RGBLuminanceSource(width, height, pixels)));
    return new QRCodeReader().decode(bitmap, Map.of(DecodeHintType.TRY_HARDER, true));
  }

  @Test
  void whatIsPrintedIsReadAgain() throws Exception {
    Invite common =
        new Invite(new ServiceKey.Group(NAME, SECRET), List.of(id(1)), List.of(addr(1, 2)));
    Invite open = new Invite(new ServiceKey.Public(NAME), List.of(id(1)), List.of(addr(1, 1)));
    for (Invite invite : List.of(common, open, largest(true), largest(false))) {
      QrCode code = QrCode.of(invite.text());
      assertThat(code.text(false).lines()).allMatch(line -> line.matches("[█▀▄ ]+"));
      assertThat(code.text(false).lines())
          .allMatch(line -> line.length() == code.columns())
          .hasSize((code.columns() + 1) / 2);
      Result result = read(code.text(false));
      assertThat(result.getResultMetadata())
          .containsEntry(ResultMetadataType.ERROR_CORRECTION_LEVEL, "L");
      assertThat(Invite.parse(result.getText())).isEqualTo(invite);
    }
    assertThat(QrCode.of(common.text()).columns()).as("fits most windows").isLessThan(80);
  }

  @Test
  void aQuietZoneOfFourModulesSurroundsIt() throws Exception {
    List<String> lines = QrCode.of(largest(true).text()).text(false).lines().toList();
    assertThat(lines.subList(0, 2)).allMatch(String::isBlank);
    assertThat(lines.get(2)).startsWith("    █▀").endsWith("▀█    ");
    assertThat(lines.getLast()).isBlank();
    assertThat(lines.get(lines.size() - 2)).doesNotContain("█", "▄");
    assertThat(lines).allMatch(line -> line.startsWith("    ") && line.endsWith("    "));
  }

  @Test
  void inATerminalItIsBlackOnWhiteWhateverTheTheme() throws Exception {
    QrCode code = QrCode.of(largest(false).text());
    String coloured = code.text(true);
    assertThat(coloured.lines())
        .allMatch(
            line -> line.startsWith("\u001b[38;5;16;48;5;231m") && line.endsWith("\u001b[0m"));
    assertThat(coloured.replaceAll("\u001b\\[[0-9;]*m", "")).isEqualTo(code.text(false));
  }

  @Test
  void whatDoesNotFitIsRefusedWithWhatToDo() throws Exception {
    String longest = "A".repeat(QrCode.MAX_CHARACTERS);
    assertThat(read(QrCode.of(longest).text(false)).getText()).isEqualTo(longest);
    assertThatThrownBy(() -> QrCode.of(longest + "A"))
        .isInstanceOf(CliException.class)
        .hasMessageContaining("too long for a QR code")
        .hasMessageContaining("4296")
        .hasMessageContaining("pass it on as text");
    QrCode code = QrCode.of(largest(true).text());
    assertThatThrownBy(() -> InviteCommand.requireRoom(code, code.columns() - 1))
        .isInstanceOf(CliException.class)
        .hasMessageContaining(code.columns() + " columns")
        .hasMessageContaining("> FILE");
    assertThatCode(() -> InviteCommand.requireRoom(code, code.columns()))
        .doesNotThrowAnyException();
    assertThatCode(() -> InviteCommand.requireRoom(code, 0)).doesNotThrowAnyException();
  }
}
