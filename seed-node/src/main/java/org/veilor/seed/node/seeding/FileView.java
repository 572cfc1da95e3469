package org.veilor.seed.node.seeding;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.veilor.seed.node.admission.ContentSample;

/** The file system as seeding sees it; tests put one in front that refuses or loses files. */
public interface FileView {
  /** The file system of this machine. */
  FileView REAL =
      new FileView() {
        @Override
        public FileFacts facts(Path path) throws IOException {
          return FileFacts.of(path);
        }

        @Override
        public DirectoryStream<Path> list(Path folder) throws IOException {
          return Files.newDirectoryStream(folder);
        }

        @Override
        public ContentSample sample(Path file) throws IOException {
          return ContentSample.of(file);
        }
      };

  /**
   * Looks at a path without following a symbolic link.
   *
   * @throws java.nio.file.NoSuchFileException where there is nothing
   * @throws IOException where it cannot be looked at
   */
  FileFacts facts(Path path) throws IOException;

  /**
   * The entries of a folder.
   *
   * @throws IOException where it cannot be listed
   */
  DirectoryStream<Path> list(Path folder) throws IOException;

  /**
   * The first and last bytes of a file.
   *
   * @throws IOException where it cannot be read
   */
  ContentSample sample(Path file) throws IOException;
}
