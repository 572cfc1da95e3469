package org.veilor.seed.node.admission;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.veilor.seed.node.admission.Verdict.Admitted;
import org.veilor.seed.node.admission.Verdict.Refused;
import org.veilor.seed.node.admission.Verdict.Rule;
import org.veilor.seed.node.config.Preset;

class AdmissionTest {
  @TempDir static Path folder;

  /** Content from pieces: texts are ISO 8859-1, "@N" goes to offset N, "x:" starts hexadecimal. */
  private static byte[] content(String... pieces) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (String piece : pieces) {
      if (piece.startsWith("@")) {
        out.writeBytes(new byte[Integer.parseInt(piece.substring(1)) - out.size()]);
      } else if (piece.startsWith("x:")) {
        out.writeBytes(HexFormat.of().parseHex(piece.substring(2).replace(" ", "")));
      } else {
        out.writeBytes(piece.getBytes(StandardCharsets.ISO_8859_1));
      }
    }
    return out.toByteArray();
  }

  private static Arguments is(String type, String... pieces) {
    return Arguments.of(type, content(pieces));
  }

  static Stream<Arguments> media() {
    String pad = "x:" + "00".repeat(64);
    return Stream.of(
        is("image/png", "x:89504e470d0a1a0a0000000d49484452"),
        is("image/jpeg", "x:ffd8ffe000104a464946"),
        is("image/gif", "GIF89a"),
        is("image/webp", "RIFF", "x:24000000", "WEBPVP8 "),
        is("image/tiff", "x:49492a0008000000"),
        is("image/tiff", "x:4d4d002a00000008"),
        is("image/avif", "x:0000001c", "ftypavif", "x:00000000", "avifmif1miaf"),
        is("image/avif", "x:0000001c", "ftypmif1", "x:00000000", "mif1avifmiaf"),
        is("image/heic", "x:00000018", "ftypheic", "x:00000000", "mif1heic"),
        is("image/jxl", "x:0000000c4a584c200d0a870a"),
        is("image/jxl", "x:ff0a", pad),
        is("image/jp2", "x:0000000c6a5020200d0a870a"),
        is("image/bmp", "BM", "x:460000000000000036000000 28000000", pad),
        is("image/vnd.microsoft.icon", "x:000001000100101000000100200068040000 16000000", pad),
        is("image/vnd.adobe.photoshop", "8BPS", "x:0001"),
        is("video/mp4", "x:00000020", "ftypisom", "x:00000200", "isomiso2avc1mp41"),
        is("video/quicktime", "x:00000014", "ftypqt  ", "x:00000000", "qt  "),
        is("video/quicktime", "x:00000008", "wide", "x:00000010", "mdat"),
        is("audio/mp4", "x:0000001c", "ftypM4A ", "x:00000000"),
        is("video/webm", "x:1a45dfa39f4286810142f7810142f2810442f381084282847765626d"),
        is(
            "video/x-matroska",
            "x:1a45dfa3a34286810142f7810142f2810442f381084282886d6174726f736b61"),
        is("video/x-msvideo", "RIFF", "x:24000000", "AVI LIST"),
        is("video/mp2t", "x:47", "@188", "x:47", "@376", "x:47"),
        is("video/mpeg", "x:000001ba44"),
        is("application/ogg", "OggS", "x:0002000000000000", "x:0000", "@28", "OpusHead"),
        is("audio/flac", "fLaC", "x:00000022"),
        is("audio/mpeg", "ID3", "x:0400000000000a"),
        is("audio/mpeg", "x:fffb9000", "@417", "x:fffb9000"),
        is("audio/aac", "x:fff1508001ffc0", "@15", "x:fff150800102"),
        is("audio/wav", "RIFF", "x:24000000", "WAVEfmt "),
        is("audio/aiff", "FORM", "x:00000024", "AIFFCOMM"),
        is("audio/midi", "MThd", "x:00000006"),
        is("font/woff", "wOFF", "x:00010000"),
        is("font/woff2", "wOF2", "x:00010000"),
        is("font/ttf", "x:00010000000c008000030040", "cmap"),
        is("font/otf", "OTTO", "x:000c008000030040", "CFF "),
        is("font/collection", "ttcf", "x:00010000"),
        is("application/pdf", "%PDF-1.7\n"),
        is("application/zip", "PK", "x:03041400"),
        is("application/gzip", "x:1f8b0800"),
        is("application/x-bzip2", "BZh9", "x:314159265359"),
        is("application/x-xz", "x:fd377a585a00"),
        is("application/zstd", "x:28b52ffd"),
        is("application/x-7z-compressed", "x:377abcaf271c"),
        is("application/vnd.rar", "Rar!", "x:1a0700"),
        is("application/x-tar", "name", "@257", "ustar", "x:003030"),
        is("application/x-iso9660-image", "@32768", "x:01", "CD001", "x:01"),
        is("application/x-squashfs", "hsqs", pad));
  }

  @ParameterizedTest
  @MethodSource("media")
  void admitsStaticMediaByContent(String type, byte[] content) throws IOException {
    Path file = Files.write(folder.resolve("c1b7e3a0"), content);
    Verdict verdict =
        Admission.byContent(Preset.MEDIA, Path.of("c1b7e3a0"), ContentSample.of(file));
    assertThat(verdict).isEqualTo(new Admitted(type));
  }

  static Stream<Arguments> databases() {
    return Stream.of(
        is("a SQLite database", "SQLite format 3", "x:00", "@100"),
        is("the write-ahead log of a SQLite database", "x:377f0682002de218"),
        is("the journal of a SQLite database", "x:d9d505f920a163d7"),
        is("a RocksDB table", "anything", "@200", "x:f7cff485b741e288"),
        is("a LevelDB table", "anything", "@200", "x:57fb808b247547db"),
        is("an LMDB database", "@16", "x:dec0efbe"),
        is("a Berkeley DB database", "@12", "x:62310500"),
        is("a PostgreSQL dump", "PGDMP", "x:010e00"),
        is("a PostgreSQL dump", "--\n-- PostgreSQL database dump\n--\n"),
        is("a MySQL dump", "-- MySQL dump 10.13  Distrib"),
        is("a Redis dump", "REDIS0011"),
        is("a DuckDB database", "x:0102030405060708", "DUCK"),
        is("a KeePass store", "x:03d9a29a67fb4bb5"),
        is("a private key", "-----BEGIN OPENSSH PRIVATE KEY-----\nb3Blbn"),
        is("a private key", "junk\n-----BEGIN RSA PRIVATE KEY-----\n"));
  }

  @ParameterizedTest
  @MethodSource("databases")
  void neverAdmitsDatabasesAndKeys(String what, byte[] content) throws IOException {
    Path file = Files.write(folder.resolve("picture.png"), content);
    ContentSample sample = ContentSample.of(file);
    Verdict watched = Admission.byContent(Preset.DOWNLOADS, Path.of("picture.png"), sample);
    assertThat(watched).isInstanceOf(Refused.class);
    assertThat(((Refused) watched).why())
        .isEqualTo("its content is " + what + "; such files are never seeded");
    assertThat(Admission.byOperator("picture.png", sample)).isEqualTo(watched);
  }

  @ParameterizedTest
  @CsvSource({
    ".hidden.png,HIDDEN",
    "a/.git/x.png,HIDDEN",
    "x.png~,TEMPORARY",
    "x.tmp,TEMPORARY",
    "x.mp4.part,TEMPORARY",
    "x.crdownload,TEMPORARY",
    ".x.png.swp,HIDDEN",
    "x.swp,TEMPORARY",
    "x#1,TEMPORARY",
    "x.db,DATABASE",
    "X.SQLITE3,DATABASE",
    "main.db-wal,DATABASE",
    "000123.sst,DATABASE",
    "MANIFEST-000004,DATABASE",
    "dump.sql.gz,DATABASE",
    "backup.dump,DATABASE",
    "server.key,SECRET",
    "id_ed25519,SECRET",
    "passwords.kdbx,SECRET"
  })
  void refusesByName(String path, Rule rule) {
    Refused refused = Objects.requireNonNull(Admission.byName(Preset.MEDIA, Path.of(path)));
    assertThat(refused.rule()).isEqualTo(rule);
    assertThat(refused.why()).isNotBlank();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"x.png", "a/b c/ü.jpg", "3f2a", "tmp", "part.mp4", "database.pdf", "C#4.mp3x"})
  void namesThatSayNothingAreLeftToTheContent(String path) {
    assertThat(Admission.byName(Preset.MEDIA, Path.of(path))).isNull();
  }

  @ParameterizedTest
  @CsvSource({
    "'<?xml version=\"1.0\"?><svg xmlns=\"\"/>',ACTIVE",
    "'<!DOCTYPE html><p>x',ACTIVE",
    "'plain words',UNKNOWN",
    "'{\"json\": true}',UNKNOWN",
    "'',EMPTY",
    "'BM is a fine start of a text',UNKNOWN",
    "'ID3 tags are old',UNKNOWN"
  })
  void refusesWhatIsNoStaticMedia(String text, Rule rule) throws IOException {
    Path file = Files.writeString(folder.resolve("text"), text);
    Verdict verdict = Admission.byContent(Preset.MEDIA, Path.of("text"), ContentSample.of(file));
    assertThat(verdict).isInstanceOf(Refused.class);
    assertThat(((Refused) verdict).rule()).isEqualTo(rule);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "7f454c4602010100",
        "fffb900000",
        "00000100",
        "00010000ffff",
        "ff0a",
        "1f8b",
        "0102030405"
      })
  void weakSignaturesAloneAreNotBelieved(String hex) {
    ContentSample sample = ContentSample.of(content("x:" + hex));
    assertThat(Admission.byContent(Preset.MEDIA, Path.of("x"), sample)).isInstanceOf(Refused.class);
  }

  @Test
  void downloadsHoldPackagesAndSumsToo() {
    ContentSample rpm = ContentSample.of(content("x:edabeedb03000000"));
    ContentSample sums = ContentSample.of(content("ab12  file.iso\n"));
    ContentSample appImage = ContentSample.of(content("x:7f454c4602010100", "AI", "x:02"));
    assertThat(Admission.byContent(Preset.DOWNLOADS, Path.of("a.rpm"), rpm))
        .isEqualTo(new Admitted("application/x-rpm"));
    assertThat(Admission.byContent(Preset.DOWNLOADS, Path.of("x"), appImage))
        .isEqualTo(new Admitted("application/vnd.appimage"));
    assertThat(Admission.byContent(Preset.DOWNLOADS, Path.of("d/SHA256SUMS"), sums))
        .isEqualTo(new Admitted("text/plain"));
    assertThat(Admission.byContent(Preset.DOWNLOADS, Path.of("notes.txt"), sums))
        .isInstanceOf(Refused.class);
    assertThat(Admission.byContent(Preset.MEDIA, Path.of("SHA256SUMS"), sums))
        .isInstanceOf(Refused.class);
  }

  @Test
  void misskeySeedsDerivativesOnly() {
    String uuid = "0b5ec45c-8a6b-4a3e-9f53-2c1f2a3b4c5d";
    assertThat(Admission.byName(Preset.MISSKEY, Path.of("thumbnail-" + uuid))).isNull();
    assertThat(Admission.byName(Preset.MISSKEY, Path.of("webpublic-" + uuid + ".webp"))).isNull();
    Refused original = Objects.requireNonNull(Admission.byName(Preset.MISSKEY, Path.of(uuid)));
    assertThat(original.why()).contains("private metadata");
    Refused other =
        Objects.requireNonNull(
            Admission.byName(Preset.MISSKEY, Path.of("sub", "thumbnail-" + uuid)));
    assertThat(other.rule()).isEqualTo(Rule.PRESET);
  }

  @Test
  void theOperatorMayAddAlmostAnything() {
    ContentSample text = ContentSample.of(content("plain words"));
    ContentSample bytes = ContentSample.of(content("x:00010203040506"));
    assertThat(Admission.byOperator("notes.txt", text)).isEqualTo(new Admitted("text/plain"));
    assertThat(Admission.byOperator("x.tmp", bytes))
        .isEqualTo(new Admitted("application/octet-stream"));
    assertThat(Admission.byOperator("empty", ContentSample.of(new byte[0])))
        .isInstanceOf(Admitted.class);
    assertThat(Admission.byOperator("x.sqlite", bytes)).isInstanceOf(Refused.class);
  }

  @Test
  void knowsDatabaseFolders() {
    assertThat(DatabaseFolders.database(Set.of("PG_VERSION", "base")::contains))
        .contains("PostgreSQL");
    assertThat(DatabaseFolders.database(Set.of("CURRENT", "LOCK", "000004.log")::contains))
        .contains("RocksDB");
    assertThat(DatabaseFolders.database(Set.of("ibdata1")::contains)).contains("MySQL");
    assertThat(DatabaseFolders.database(Set.of("CURRENT", "a.png")::contains)).isNull();
  }

  @Test
  void aSampleReadsHeadAndTailOnly() throws IOException {
    byte[] large = new byte[100_000];
    Arrays.fill(large, (byte) 7);
    large[large.length - 1] = 9;
    ContentSample sample = ContentSample.of(Files.write(folder.resolve("large"), large));
    assertThat(sample.sizeBytes()).isEqualTo(100_000);
    assertThat(sample.at(ContentSample.HEAD_BYTES - 1)).isEqualTo(7);
    assertThat(sample.at(ContentSample.HEAD_BYTES)).isEqualTo(-1);
    assertThat(sample.endsWith(7, 9)).isTrue();
  }
}
