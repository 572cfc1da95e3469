package org.veilor.seed.core.identity;

import java.util.HexFormat;
import java.util.List;

/**
 * The y coordinates, little endian and without the sign of x, of the 8 points of edwards25519 whose
 * order divides 8, with the two that also fit in 255 bits unreduced.
 */
final class SmallOrder {
  static final List<byte[]> Y_COORDINATES =
      List.of(
          // order 1: y = 1
          hex("0100000000000000000000000000000000000000000000000000000000000000"),
          // order 4: y = 0
          hex("0000000000000000000000000000000000000000000000000000000000000000"),
          // order 2: y = -1
          hex("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
          // order 8
          hex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"),
          hex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"),
          // y = p, that is 0, and y = p + 1, that is 1
          hex("edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"),
          hex("eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"));

  private SmallOrder() {}

  private static byte[] hex(String text) {
    return HexFormat.of().parseHex(text);
  }
}
