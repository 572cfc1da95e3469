package org.veilor.seed.quic.simulation;

/**
 * How bad a simulated network is. Probabilities from 0 to 1.
 *
 * @param delayNanos one way
 * @param jitterNanos added at random, which reorders
 * @param mtuBytes larger datagrams vanish
 * @param bytesPerSecond bottleneck rate, 0 for none; a queue of {@code queueBytes} before it
 */
record Conditions(
    long delayNanos,
    long jitterNanos,
    double loss,
    double duplication,
    double corruption,
    int mtuBytes,
    long bytesPerSecond,
    int queueBytes) {

  static Conditions perfect() {
    return new Conditions(1_000_000, 0, 0, 0, 0, 1500, 0, 1 << 20);
  }

  Conditions withDelayNanos(long nanos) {
    return new Conditions(
        nanos, jitterNanos, loss, duplication, corruption, mtuBytes, bytesPerSecond, queueBytes);
  }

  Conditions withJitterNanos(long nanos) {
    return new Conditions(
        delayNanos, nanos, loss, duplication, corruption, mtuBytes, bytesPerSecond, queueBytes);
  }

  Conditions withLoss(double probability) {
    return new Conditions(
        delayNanos,
        jitterNanos,
        probability,
        duplication,
        corruption,
        mtuBytes,
        bytesPerSecond,
        queueBytes);
  }

  Conditions withDuplication(double probability) {
    return new Conditions(
        delayNanos,
        jitterNanos,
        loss,
        probability,
        corruption,
        mtuBytes,
        bytesPerSecond,
        queueBytes);
  }

  Conditions withCorruption(double probability) {
    return new Conditions(
        delayNanos,
        jitterNanos,
        loss,
        duplication,
        probability,
        mtuBytes,
        bytesPerSecond,
        queueBytes);
  }

  Conditions withMtuBytes(int bytes) {
    return new Conditions(
        delayNanos, jitterNanos, loss, duplication, corruption, bytes, bytesPerSecond, queueBytes);
  }

  Conditions withRate(long bytes, int queue) {
    return new Conditions(
        delayNanos, jitterNanos, loss, duplication, corruption, mtuBytes, bytes, queue);
  }
}
