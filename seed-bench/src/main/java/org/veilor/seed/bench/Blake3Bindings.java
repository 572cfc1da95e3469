package org.veilor.seed.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/** The C implementation of BLAKE3, {@code blake3.h}: one thread, no outboard. */
@SuppressWarnings("restricted") // the launcher of the fork enables native access
final class Blake3Bindings {
  /** More than {@code sizeof(blake3_hasher)}, which is 1912. */
  private static final long HASHER_BYTES = 4096;

  private static final long HASH_BYTES = 32;

  private final MethodHandle init;
  private final MethodHandle update;
  private final MethodHandle finish;
  private final MemorySegment hasher = Arena.global().allocate(HASHER_BYTES, 64);
  private final MemorySegment out = Arena.global().allocate(HASH_BYTES);

  Blake3Bindings(Path library) {
    SymbolLookup symbols = SymbolLookup.libraryLookup(library, Arena.global());
    MemoryLayout pointer = ValueLayout.ADDRESS;
    MemoryLayout length = ValueLayout.JAVA_LONG;
    init = handle(symbols, "blake3_hasher_init", pointer);
    update = handle(symbols, "blake3_hasher_update", pointer, pointer, length);
    finish = handle(symbols, "blake3_hasher_finalize", pointer, pointer, length);
  }

  /** Without a safepoint around the call, so that it costs as little as in C. */
  private static MethodHandle handle(SymbolLookup symbols, String name, MemoryLayout... arguments) {
    return Linker.nativeLinker()
        .downcallHandle(
            symbols.findOrThrow(name),
            FunctionDescriptor.ofVoid(arguments),
            Linker.Option.critical(false));
  }

  /** The hash of the data, valid until the next call. */
  MemorySegment hash(MemorySegment data) {
    try {
      init.invokeExact(hasher);
      update.invokeExact(hasher, data, data.byteSize());
      finish.invokeExact(hasher, out, HASH_BYTES);
    } catch (Throwable e) {
      throw new IllegalStateException("C functions throw nothing", e);
    }
    return out;
  }
}
