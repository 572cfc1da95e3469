package org.veilor.seed.node.seeding;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * The calls of libc that inotify needs (inotify(7)), through the foreign function API; no native
 * library of our own. The only class with symbols. Each call that fails returns the negated {@code
 * errno}.
 */
final class InotifyBindings {
  static final int IN_ATTRIB = 0x4;
  static final int IN_CLOSE_WRITE = 0x8;
  static final int IN_MOVED_FROM = 0x40;
  static final int IN_MOVED_TO = 0x80;
  static final int IN_CREATE = 0x100;
  static final int IN_DELETE = 0x200;
  static final int IN_DELETE_SELF = 0x400;
  static final int IN_MOVE_SELF = 0x800;
  static final int IN_UNMOUNT = 0x2000;
  static final int IN_Q_OVERFLOW = 0x4000;
  static final int IN_IGNORED = 0x8000;
  static final int IN_ONLYDIR = 0x0100_0000;
  static final int IN_DONT_FOLLOW = 0x0200_0000;
  static final int IN_EXCL_UNLINK = 0x0400_0000;
  static final int IN_ISDIR = 0x4000_0000;

  static final int ENOENT = 2;
  static final int EINTR = 4;
  static final int EAGAIN = 11;
  static final int ENOSPC = 28;

  private static final int IN_CLOEXEC = 0x80000;
  private static final int IN_NONBLOCK = 0x800;
  private static final short POLLIN = 1;

  private static final StructLayout CAPTURE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      CAPTURE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

  private final MethodHandle init;
  private final MethodHandle addWatch;
  private final MethodHandle removeWatch;
  private final MethodHandle read;
  private final MethodHandle poll;
  private final MethodHandle close;

  private InotifyBindings() {
    ValueLayout.OfInt i = ValueLayout.JAVA_INT;
    ValueLayout.OfLong l = ValueLayout.JAVA_LONG;
    var p = ValueLayout.ADDRESS;
    init = bind("inotify_init1", FunctionDescriptor.of(i, i));
    addWatch = bind("inotify_add_watch", FunctionDescriptor.of(i, i, p, i));
    removeWatch = bind("inotify_rm_watch", FunctionDescriptor.of(i, i, i));
    read = bind("read", FunctionDescriptor.of(l, i, p, l));
    poll = bind("poll", FunctionDescriptor.of(i, p, l, i));
    close = bind("close", FunctionDescriptor.of(i, i));
  }

  /**
   * Looks the symbols up.
   *
   * @throws IOException where this system has none, or native access is not allowed
   */
  static InotifyBindings load() throws IOException {
    try {
      return new InotifyBindings();
    } catch (IllegalCallerException | UnsupportedOperationException | IllegalArgumentException e) {
      throw new IOException("inotify cannot be called: " + e.getMessage(), e);
    } catch (java.util.NoSuchElementException e) {
      throw new IOException("this system has no inotify", e);
    }
  }

  @SuppressWarnings("restricted") // the launcher allows native access to this module
  private static MethodHandle bind(String name, FunctionDescriptor descriptor) {
    Linker linker = Linker.nativeLinker();
    SymbolLookup symbols = linker.defaultLookup();
    return linker.downcallHandle(
        symbols.findOrThrow(name), descriptor, Linker.Option.captureCallState("errno"));
  }

  /** {@code inotify_init1}: a descriptor that does not block. */
  int init() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(CAPTURE);
      return result((int) init.invokeExact(state, IN_CLOEXEC | IN_NONBLOCK), state);
    } catch (Throwable e) {
      throw bug(e);
    }
  }

  /** {@code inotify_add_watch}: the watch descriptor. */
  int addWatch(int descriptor, String path, int mask) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(CAPTURE);
      MemorySegment name = arena.allocateFrom(path);
      return result((int) addWatch.invokeExact(state, descriptor, name, mask), state);
    } catch (Throwable e) {
      throw bug(e);
    }
  }

  /** {@code inotify_rm_watch}. */
  int removeWatch(int descriptor, int watch) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(CAPTURE);
      return result((int) removeWatch.invokeExact(state, descriptor, watch), state);
    } catch (Throwable e) {
      throw bug(e);
    }
  }

  /** {@code read} into the whole buffer: the number of bytes. */
  int read(int descriptor, MemorySegment buffer) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(CAPTURE);
      long count = (long) read.invokeExact(state, descriptor, buffer, buffer.byteSize());
      return result((int) count, state);
    } catch (Throwable e) {
      throw bug(e);
    }
  }

  /** {@code poll} for input: 1 where there is some, 0 after the timeout. */
  int waitForInput(int descriptor, int timeoutMillis) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(CAPTURE);
      MemorySegment pollfd = arena.allocate(8, 4);
      pollfd.set(ValueLayout.JAVA_INT, 0, descriptor);
      pollfd.set(ValueLayout.JAVA_SHORT, 4, POLLIN);
      return result((int) poll.invokeExact(state, pollfd, 1L, timeoutMillis), state);
    } catch (Throwable e) {
      throw bug(e);
    }
  }

  /** {@code close}. */
  int close(int descriptor) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(CAPTURE);
      return result((int) close.invokeExact(state, descriptor), state);
    } catch (Throwable e) {
      throw bug(e);
    }
  }

  private static int result(int value, MemorySegment state) {
    return value >= 0 ? value : -(int) ERRNO.get(state, 0L);
  }

  private static IllegalStateException bug(Throwable e) {
    if (e instanceof Error error) {
      throw error;
    }
    return new IllegalStateException("a call of libc failed in an unexpected way", e);
  }
}
