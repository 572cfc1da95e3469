package org.veilor.seed.core.hash;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;

/** This Java runtime; by reflection, because the module does not require the management modules. */
public final class TestRuntime implements JavaRuntime {
  private static final String MANAGEMENT = "java.lang.management.ManagementFactory";

  /** Creates one. */
  public TestRuntime() {}

  @Override
  public long cpuNanos() {
    return (long) ofThisThread("getCurrentThreadCpuTime");
  }

  @Override
  public long allocatedBytes() {
    return (long) ofThisThread("getCurrentThreadAllocatedBytes");
  }

  private static Object ofThisThread(String method) {
    try {
      Object bean = Class.forName(MANAGEMENT).getMethod("getThreadMXBean").invoke(null);
      Method asked = Class.forName("com.sun.management.ThreadMXBean").getMethod(method);
      return asked.invoke(bean);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public boolean direct(String directives) {
    try {
      Path file = Files.createTempFile("directives", ".json");
      Object server = Class.forName(MANAGEMENT).getMethod("getPlatformMBeanServer").invoke(null);
      Class<?> nameClass = Class.forName("javax.management.ObjectName");
      Object bean =
          nameClass
              .getConstructor(String.class)
              .newInstance("com.sun.management:type=DiagnosticCommand");
      Files.writeString(file, directives);
      Object said =
          Class.forName("javax.management.MBeanServerConnection")
              .getMethod("invoke", nameClass, String.class, Object[].class, String[].class)
              .invoke(
                  server,
                  bean,
                  "compilerDirectivesAdd",
                  new Object[] {new String[] {file.toString()}},
                  new String[] {String[].class.getName()});
      Files.delete(file);
      return said.toString().contains("directives added");
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
