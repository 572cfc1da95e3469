package org.veilor.seed.node.admission;

import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.veilor.seed.node.admission.Verdict.Refused;
import org.veilor.seed.node.admission.Verdict.Rule;

/**
 * What is never seeded, whatever else speaks for it: databases and secrets by content and by name.
 * The signatures are those of field research §8.
 */
final class NeverSeeded {
  private record Named(Pattern name, Rule rule, String what) {}

  private record Shown(Predicate<ContentSample> matches, Rule rule, String what) {}

  private static final List<Named> NAMES =
      List.of(
          named(
              ".*\\.(db|db3|sqlite|sqlite3|mdb|accdb|sdb|sst|ldb|ibd|frm|myd|myi|dbf|h2\\.db"
                  + "|mv\\.db|duckdb|redb|rdb|aof)",
              Rule.DATABASE,
              "a database file"),
          named(".*-(wal|shm|journal)", Rule.DATABASE, "the journal of a database"),
          named(
              "manifest-\\d{6}|options-\\d{6}|ibdata\\d*|ib_logfile\\d+|pg_version|data\\.mdb"
                  + "|lock\\.mdb",
              Rule.DATABASE, "part of a database"),
          named(
              ".*\\.(sql|dump|pgdump|bak)(\\.(gz|xz|zst|bz2|lz4|7z|zip))?",
              Rule.DATABASE,
              "the dump of a database"),
          named(
              ".*\\.(pem|key|kdbx|kdb|pfx|p12|jks|keystore|gpg-key|env|ovpn)|id_(rsa|ecdsa|ed25519)",
              Rule.SECRET,
              "a key or a store of passwords"));

  private static final List<Shown> CONTENTS =
      List.of(
          shown("SQLite format 3\u0000", "a SQLite database"),
          bytes("the write-ahead log of a SQLite database", 0, 0x37, 0x7f, 6, 0x82),
          bytes("the write-ahead log of a SQLite database", 0, 0x37, 0x7f, 6, 0x83),
          bytes("the journal of a SQLite database", 0, 0xd9, 0xd5, 5, 0xf9, 0x20, 0xa1, 0x63, 0xd7),
          tail("a RocksDB table", 0xf7, 0xcf, 0xf4, 0x85, 0xb7, 0x41, 0xe2, 0x88),
          tail("a LevelDB table", 0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb),
          bytes("an LMDB database", 16, 0xde, 0xc0, 0xef, 0xbe),
          bytes("a Berkeley DB database", 12, 0x62, 0x31, 5, 0),
          bytes("a Berkeley DB database", 12, 0x61, 0x15, 6, 0),
          shown("PGDMP", "a PostgreSQL dump"),
          shown("-- PostgreSQL database", "a PostgreSQL dump"),
          shown("--\n-- PostgreSQL database", "a PostgreSQL dump"),
          shown("-- MySQL dump", "a MySQL dump"),
          shown("-- MariaDB dump", "a MariaDB dump"),
          shown("/*M!999999", "a MariaDB dump"),
          shown("REDIS0", "a Redis dump"),
          shown("redb\u001a\n", "a redb database"),
          shown("-- H2 0.5/B --", "an H2 database"),
          shown("H:2,block:", "an H2 database"),
          new Shown(s -> s.has(8, "DUCK"), Rule.DATABASE, "a DuckDB database"),
          new Shown(
              s -> s.has(4, "Standard Jet DB") || s.has(4, "Standard ACE DB"),
              Rule.DATABASE,
              "an Access database"),
          new Shown(s -> s.has(0, 3, 0xd9, 0xa2, 0x9a), Rule.SECRET, "a KeePass store"),
          new Shown(
              s -> s.text(0, 4096).contains("PRIVATE KEY-----"), Rule.SECRET, "a private key"),
          new Shown(
              s -> s.has(0, "age-encryption.org/") || s.has(0, "AGE-SECRET-KEY-"),
              Rule.SECRET,
              "an age key or file"),
          new Shown(s -> s.has(0, "-----BEGIN AGE"), Rule.SECRET, "an age file"));

  private NeverSeeded() {}

  /** The refusal for a file of that name, or null. */
  static @Nullable Refused byName(String fileName) {
    String lower = fileName.toLowerCase(Locale.ROOT);
    for (Named entry : NAMES) {
      if (entry.name().matcher(lower).matches()) {
        return new Refused(
            entry.rule(),
            "its name says that it is " + entry.what() + "; such files are never seeded");
      }
    }
    return null;
  }

  /** The refusal for that content, or null. */
  static @Nullable Refused byContent(ContentSample sample) {
    for (Shown entry : CONTENTS) {
      if (entry.matches().test(sample)) {
        return new Refused(
            entry.rule(), "its content is " + entry.what() + "; such files are never seeded");
      }
    }
    return null;
  }

  private static Named named(String pattern, Rule rule, String what) {
    return new Named(Pattern.compile(pattern), rule, what);
  }

  private static Shown shown(String magic, String what) {
    return new Shown(sample -> sample.has(0, magic), Rule.DATABASE, what);
  }

  private static Shown bytes(String what, int offset, int... magic) {
    return new Shown(sample -> sample.has(offset, magic), Rule.DATABASE, what);
  }

  private static Shown tail(String what, int... magic) {
    return new Shown(sample -> sample.endsWith(magic), Rule.DATABASE, what);
  }
}
