package org.veilor.seed.gossip.service;

/** Comparison that does not tell by its time where two secrets differ. */
final class ConstantTime {
  private ConstantTime() {}

  static boolean equal(byte[] a, byte[] b) {
    int difference = a.length ^ b.length;
    for (int i = 0; i < Math.min(a.length, b.length); i++) {
      difference |= a[i] ^ b[i];
    }
    return difference == 0;
  }
}
