package org.veilor.seed.store.cache;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.veilor.seed.store.file.FileStatus;

/** How many bytes of the disk a file or folder takes. */
@FunctionalInterface
interface AllocatedBytes {
  /** Looks at {@code path} itself; a symbolic link is not followed. */
  long of(Path path) throws IOException;

  /** What the file system says, else its size in whole blocks. */
  static AllocatedBytes of(int blockBytes) {
    MethodHandle statx = Statx.HANDLE;
    return path -> {
      long told = statx == null ? -1 : Statx.allocated(statx, path);
      if (told >= 0) {
        return told;
      }
      return Blocks.roundUp(FileStatus.of(path).identity().sizeBytes(), blockBytes);
    };
  }

  /** {@code statx} of Linux (man 2 statx), whose structure is the same on every machine. */
  final class Statx {
    private static final Logger LOG = LoggerFactory.getLogger(Statx.class);
    private static final int AT_FDCWD = -100;
    private static final int AT_SYMLINK_NOFOLLOW = 0x100;
    private static final int STATX_BLOCKS = 0x400;
    private static final int STRUCT_BYTES = 256;
    private static final int BLOCKS_OFFSET = 48;
    private static final int BLOCK_BYTES = 512;

    static final @Nullable MethodHandle HANDLE = handle();

    private Statx() {}

    @SuppressWarnings("restricted") // the only native call of this module's own
    private static @Nullable MethodHandle handle() {
      try {
        Linker linker = Linker.nativeLinker();
        SymbolLookup lookup = linker.defaultLookup();
        return linker.downcallHandle(
            lookup.findOrThrow("statx"),
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.ADDRESS,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.ADDRESS));
      } catch (UnsupportedOperationException
          | IllegalCallerException
          | java.util.NoSuchElementException e) {
        LOG.info("allocated bytes are computed from sizes, because statx cannot be called: {}", e);
        return null;
      }
    }

    /** Allocated bytes, or -1 if it does not say. */
    static long allocated(MethodHandle statx, Path path) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment result = arena.allocate(STRUCT_BYTES, 8);
        MemorySegment name = arena.allocateFrom(path.toString());
        int failed =
            (int) statx.invokeExact(AT_FDCWD, name, AT_SYMLINK_NOFOLLOW, STATX_BLOCKS, result);
        if (failed != 0 || (result.get(ValueLayout.JAVA_INT, 0) & STATX_BLOCKS) == 0) {
          return -1;
        }
        return result.get(ValueLayout.JAVA_LONG, BLOCKS_OFFSET) * BLOCK_BYTES;
      } catch (RuntimeException | Error e) {
        throw e;
      } catch (Throwable e) {
        throw new AssertionError("a native call throws nothing", e);
      }
    }
  }
}
