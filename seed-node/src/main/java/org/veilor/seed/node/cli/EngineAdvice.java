package org.veilor.seed.node.cli;

import java.io.IOException;
import java.lang.module.ModuleFinder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Which BLAKE3 engine a daemon on this machine will take. Its log says which one it took. */
final class EngineAdvice {
  private static final Path CPU = Path.of("/proc/cpuinfo");
  private static final String MODULE = "jdk.incubator.vector";

  private EngineAdvice() {}

  /** Of this machine and this Java. */
  static String ofThisMachine() {
    boolean hasModule = ModuleFinder.ofSystem().find(MODULE).isPresent();
    try {
      return of(Files.readString(CPU), hasModule);
    } catch (IOException e) {
      return of("", hasModule);
    }
  }

  /**
   * Of some machine.
   *
   * @param cpu what its /proc/cpuinfo says
   * @param hasModule whether its Java has the vector module
   */
  static String of(String cpu, boolean hasModule) {
    String scalar = "BLAKE3 by the scalar engine, about 0.5 GB/s a core: ";
    List<String> flags =
        cpu.lines()
            .filter(line -> line.startsWith("flags"))
            .findFirst()
            .map(line -> List.of(line.split("\\s+")))
            .orElse(List.of());
    if (!flags.contains("avx2")) {
      return scalar + "this processor has no vectors of 256 bits (AVX2)";
    }
    if (!hasModule) {
      return scalar + "this Java was made without the module " + MODULE;
    }
    return "BLAKE3 on vectors of up to "
        + (flags.contains("avx512f") ? 512 : 256)
        + " bits, as soon as a daemon has hashed 64 MiB; its log says which engine it took, and why";
  }
}
