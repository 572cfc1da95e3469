package org.veilor.seed.core.blob;

import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.veilor.seed.core.wire.CoreLimits;
import org.veilor.seed.core.wire.MalformedException;

/**
 * The check that a name of a collection has to pass before it becomes a file name: a relative path
 * of plain components that stays below the folder it is exported to, on every system.
 */
public final class ExportName {
  private ExportName() {}

  /**
   * The components of a name.
   *
   * @throws MalformedException if the name is empty, absolute or too long, or has an empty
   *     component, {@code .}, {@code ..}, a backslash, a colon or a control character
   */
  public static List<String> components(String name) throws MalformedException {
    if (name.getBytes(StandardCharsets.UTF_8).length > CoreLimits.MAX_NAME_BYTES) {
      throw new MalformedException(0, "name too long");
    }
    List<String> components = List.of(name.split("/", -1));
    for (String component : components) {
      check(component);
    }
    return components;
  }

  private static void check(String component) throws MalformedException {
    if (component.isEmpty()) {
      throw new MalformedException(0, "name is empty, absolute or has an empty component");
    }
    if (component.equals(".") || component.equals("..")) {
      throw new MalformedException(0, "name leaves its folder");
    }
    if (component.getBytes(StandardCharsets.UTF_8).length > CoreLimits.MAX_NAME_COMPONENT_BYTES) {
      throw new MalformedException(0, "component of a name too long");
    }
    for (int i = 0; i < component.length(); i++) {
      char c = component.charAt(i);
      if (c == '\\' || c == ':' || Character.isISOControl(c)) {
        throw new MalformedException(i, "name with a backslash, colon or control character");
      }
    }
  }

  /**
   * Checks all names of a collection together.
   *
   * @throws MalformedException if a name is unfit, occurs twice, or is also a folder of another one
   */
  public static void checkAll(Collection collection) throws MalformedException {
    Set<String> files = new HashSet<>();
    Set<String> folders = new HashSet<>();
    for (Collection.Entry entry : collection.entries()) {
      components(entry.name());
      if (!files.add(entry.name())) {
        throw new MalformedException(0, "name occurs twice");
      }
      for (int i = entry.name().indexOf('/'); i >= 0; i = entry.name().indexOf('/', i + 1)) {
        folders.add(entry.name().substring(0, i));
      }
    }
    folders.retainAll(files);
    if (!folders.isEmpty()) {
      throw new MalformedException(0, "name is a file and a folder");
    }
  }
}
