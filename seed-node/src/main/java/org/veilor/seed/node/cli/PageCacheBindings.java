package org.veilor.seed.node.cli;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/** The calls of libc by which a file leaves the page cache: open(2), posix_fadvise(2), close(2). */
final class PageCacheBindings {
  private static final int O_RDONLY = 0;
  private static final int POSIX_FADV_DONTNEED = 4;
  private static final Linker LINKER = Linker.nativeLinker();

  private PageCacheBindings() {}

  /**
   * Lets the kernel drop what it holds of a file that is on the disk.
   *
   * @return whether it said that it did; it does not where the file lives in memory
   */
  static boolean drop(Path file) {
    MethodHandle open =
        call("open", ValueLayout.ADDRESS, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
    MethodHandle advise =
        call(
            "posix_fadvise",
            ValueLayout.JAVA_INT,
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_LONG,
            ValueLayout.JAVA_INT);
    MethodHandle close = call("close", ValueLayout.JAVA_INT);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment name = arena.allocateFrom(file.toString());
      int descriptor = (int) open.invokeExact(name, O_RDONLY, 0);
      if (descriptor < 0) {
        return false;
      }
      int failed = (int) advise.invokeExact(descriptor, 0L, 0L, POSIX_FADV_DONTNEED);
      int unclosed = (int) close.invokeExact(descriptor);
      return failed == 0 && unclosed == 0;
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("the page cache cannot be told", e);
    }
  }

  @SuppressWarnings("restricted")
  private static MethodHandle call(String name, java.lang.foreign.MemoryLayout... arguments) {
    Linker.Option[] options =
        name.equals("open")
            ? new Linker.Option[] {Linker.Option.firstVariadicArg(2)}
            : new Linker.Option[0];
    return LINKER.downcallHandle(
        LINKER.defaultLookup().findOrThrow(name),
        FunctionDescriptor.of(ValueLayout.JAVA_INT, arguments),
        options);
  }
}
