package org.veilor.seed.core.hash;

/**
 * What warming up and watching engines wants of the Java runtime; a program of its own may fake it.
 */
public interface JavaRuntime {
  /** The CPU time of the calling thread, in nanoseconds. */
  long cpuNanos();

  /** What the calling thread has allocated so far, in bytes; always the same if nobody knows. */
  long allocatedBytes();

  /**
   * Gives directives to the JIT compiler, which hold from now on (JEP 165, what {@code jcmd PID
   * Compiler.directives_add} does).
   *
   * @param directives a JSON list
   * @return whether they are in force
   */
  boolean direct(String directives);
}
