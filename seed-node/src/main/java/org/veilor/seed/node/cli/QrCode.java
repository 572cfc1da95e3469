package org.veilor.seed.node.cli;

import com.google.zxing.WriterException;
import com.google.zxing.qrcode.decoder.ErrorCorrectionLevel;
import com.google.zxing.qrcode.encoder.ByteMatrix;
import com.google.zxing.qrcode.encoder.Encoder;
import java.util.Locale;

/**
 * A QR code (ISO/IEC 18004) as text, two modules to a character, with the quiet zone of four
 * modules that the standard asks for. The content is written in upper case, which takes 5.5 bits a
 * character instead of 8: it is for texts whose case does not matter. Error correction is the least
 * (L), because a screen has no scratches and a smaller code has larger modules.
 */
final class QrCode {
  /** Characters of upper case and digits that the largest code holds at level L. */
  static final int MAX_CHARACTERS = 4_296;

  private static final int QUIET = 4;

  /** Black on white of the palette that themes leave alone, and back. */
  private static final String BLACK_ON_WHITE = "\u001b[38;5;16;48;5;231m";

  private static final String NORMAL = "\u001b[0m";

  private final ByteMatrix modules;

  private QrCode(ByteMatrix modules) {
    this.modules = modules;
  }

  /**
   * The smallest code that holds the text.
   *
   * @throws CliException if none is large enough
   */
  static QrCode of(String text) throws CliException {
    try {
      return new QrCode(
          Encoder.encode(text.toUpperCase(Locale.ROOT), ErrorCorrectionLevel.L).getMatrix());
    } catch (WriterException _) {
      throw new CliException(
          CliException.FAILED,
          "a text of "
              + text.length()
              + " characters is too long for a QR code, which holds "
              + MAX_CHARACTERS
              + "; pass it on as text");
    }
  }

  /** How wide the text is, in characters. */
  int columns() {
    return modules.getWidth() + 2 * QUIET;
  }

  /**
   * The lines of the code.
   *
   * @param coloured whether escape sequences make it black on white; else dark modules are blocks
   *     in the colour of text, so that it is right where text is darker than what it stands on
   */
  String text(boolean coloured) {
    StringBuilder text = new StringBuilder();
    for (int y = 0; y < columns(); y += 2) {
      text.append(coloured ? BLACK_ON_WHITE : "");
      for (int x = 0; x < columns(); x++) {
        text.append(character(isDark(x, y), isDark(x, y + 1)));
      }
      text.append(coloured ? NORMAL : "").append('\n');
    }
    return text.toString();
  }

  private static char character(boolean upper, boolean lower) {
    if (upper) {
      return lower ? '█' : '▀';
    }
    return lower ? '▄' : ' ';
  }

  private boolean isDark(int column, int row) {
    int x = column - QUIET;
    int y = row - QUIET;
    return x >= 0
        && y >= 0
        && x < modules.getWidth()
        && y < modules.getHeight()
        && modules.get(x, y) == 1;
  }
}
