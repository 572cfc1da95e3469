package org.veilor.seed.node.cli;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** The call of libc that tells a terminal's size: ioctl_tty(2), TIOCGWINSZ. */
final class TerminalBindings {
  private static final long TIOCGWINSZ = 0x5413;

  /** {@code struct winsize}: four unsigned shorts, of which the second is the columns. */
  private static final int WINSIZE_BYTES = 8;

  private static final int COLUMNS_OFFSET = 2;

  private TerminalBindings() {}

  /** How many columns the terminal of a descriptor has; 0 where that is not known. */
  @SuppressWarnings("restricted")
  static int columns(int descriptor) {
    Linker linker = Linker.nativeLinker();
    var symbol = linker.defaultLookup().find("ioctl");
    if (symbol.isEmpty()) {
      return 0;
    }
    MethodHandle ioctl =
        linker.downcallHandle(
            symbol.get(),
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_LONG,
                ValueLayout.ADDRESS),
            Linker.Option.firstVariadicArg(2));
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment size = arena.allocate(WINSIZE_BYTES, Short.BYTES);
      int result = (int) ioctl.invokeExact(descriptor, TIOCGWINSZ, size);
      return result == 0
          ? Short.toUnsignedInt(size.get(ValueLayout.JAVA_SHORT, COLUMNS_OFFSET))
          : 0;
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("ioctl cannot be called", e);
    }
  }
}
