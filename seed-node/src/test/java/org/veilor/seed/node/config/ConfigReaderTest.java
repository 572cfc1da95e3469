package org.veilor.seed.node.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.veilor.seed.core.address.TransportAddr;
import org.veilor.seed.gossip.catalogue.Names;

class ConfigReaderTest {
  @Test
  void readsTheExampleOfTheInterface() throws Exception {
    String text =
        """
        [endpoint]
        listen    = ["0.0.0.0:4471", "[::]:4471"]
        advertise = []
        [gateway]
        listen = "127.0.0.1:8471"            # or a Unix socket
        [cache]
        max_size = "10 GB"
        min_free = "1 GB"
        [limits]
        upload      = "20 MB/s"
        connections = 1024
        [[service]]
        name      = "misskey"
        realm     = "x.veilor"
        preset    = "misskey"
        directory = "/var/lib/misskey/files"
        exposure  = "group"
        names     = "clear"
        upstream  = "http://127.0.0.1:3000"
        download  = "5 MB/s"
        """;
    Config config = ConfigReader.parse(text, "f");
    assertThat(config.listen()).isEqualTo(Config.defaults().listen());
    assertThat(Addresses.format(config.gateway())).isEqualTo("127.0.0.1:8471");
    assertThat(config.cache().maxSizeBytes()).isEqualTo(10_000_000_000L);
    assertThat(config.limits().uploadBytesPerSecond()).isEqualTo(20_000_000L);
    assertThat(config.services())
        .containsExactly(
            new ServiceSettings(
                "misskey",
                "x.veilor",
                Preset.MISSKEY,
                Path.of("/var/lib/misskey/files"),
                Exposure.GROUP,
                Names.CLEAR,
                URI.create("http://127.0.0.1:3000"),
                5_000_000));
  }

  @Test
  void anEmptyFileGivesTheDefaults() throws Exception {
    assertThat(ConfigReader.parse("", "f")).isEqualTo(Config.defaults());
    assertThat(Addresses.format(Config.defaults().gateway())).isEqualTo("127.0.0.1:8471");
    assertThat(ConfigReader.parse("[[service]]\nname = \"a\"", "f").services())
        .containsExactly(ServiceSettings.of("a", Path.of("/var/lib/a/files")));
  }

  @Test
  void mirrorsShowTheirPathsUnlessToldOtherwise() throws Exception {
    String mirror = "[[service]]\nname = \"a\"\npreset = \"downloads\"\n";
    assertThat(ConfigReader.parse(mirror, "f").services().getFirst().names())
        .isEqualTo(Names.CLEAR);
    assertThat(ConfigReader.parse(mirror + "names = \"hidden\"", "f").services().getFirst().names())
        .isEqualTo(Names.HIDDEN);
  }

  @Test
  void theExampleIsValidAndHoldsTheDefaults() throws Exception {
    Config config = ConfigReader.parse(ConfigText.example(), "example");
    assertThat(config.services())
        .containsExactly(ServiceSettings.of("media", Path.of("/srv/media")));
    Config defaults = Config.defaults();
    assertThat(config)
        .isEqualTo(
            new Config(
                defaults.endpoint(),
                defaults.gateway(),
                defaults.cache(),
                defaults.limits(),
                defaults.seeding(),
                config.services()));
  }

  @Test
  void whatIsShownReadsBack() throws Exception {
    String text =
        """
        [endpoint]
        listen = ["127.0.0.1:0"]
        advertise = ["192.0.2.1:4471", "[2001:db8::1]:9"]
        qlog = "/var/log/x/../qlog"
        [gateway]
        listen = "unix:/run/x y.sock"
        [cache]
        peers = ["ae58ff8833241ac82d6ff7611046ed67b5072d142c588d0063e942d9a75502b6@192.0.2.7:4471"]
        origins = ["https://dl.example/blobs"]
        [limits]
        upload = "1 MiB/s"
        download = "2 MB/s"
        [seeding]
        settle = "250ms"
        scan_interval = "2h"
        watch = "portable"
        [[service]]
        name = "a"
        directory = '/srv/a "quoted" \\ path'
        exposure = "local"
        download = "3 MB/s"
        """;
    Config config = ConfigReader.parse(text, "f");
    assertThat(config.seeding().settle()).isEqualTo(Duration.ofMillis(250));
    assertThat(config.endpoint().qlog()).isEqualTo(Path.of("/var/log/qlog"));
    assertThat(config.cache().peers().getFirst().ipAddrs())
        .containsExactly(TransportAddr.Ip.of(Addresses.socketAddress("192.0.2.7:4471")));
    assertThat(config.cache().origins()).containsExactly(URI.create("https://dl.example/blobs/"));
    assertThat(config.limits().downloadBytesPerSecond()).isEqualTo(2_000_000);
    assertThat(ConfigReader.parse(ConfigText.toml(config), "shown")).isEqualTo(config);
  }

  static Stream<Arguments> mistakes() {
    return Stream.of(
        Arguments.of(
            "[endpoint]\nlistn = []", "f:2: endpoint.listn: unknown key; did you mean 'listen'?"),
        Arguments.of("[endpoin]\n", "f:1: endpoin: unknown key; did you mean 'endpoint'?"),
        Arguments.of("\n\nverbose = true", "f:3: verbose: unknown key; known here: endpoint"),
        Arguments.of(
            "[endpoint]\nlisten = \"0.0.0.0:1\"", "f:2: endpoint.listen: must be a list of texts"),
        Arguments.of(
            "[endpoint]\nlisten = [1]",
            "f:2: endpoint.listen: must be a list of texts, not the number 1"),
        Arguments.of(
            "[endpoint]\nlisten = []", "f:2: endpoint.listen: must name at least one address"),
        Arguments.of(
            "[endpoint]\nlisten = [\n\"0.0.0.0:1\",\n\"0.0.0.0:1\"]",
            "f:2: endpoint.listen: names one address twice"),
        Arguments.of(
            "[endpoint]\nlisten = [\"localhost:1\"]",
            "'localhost:1' is not an address with a port"),
        Arguments.of("[endpoint]\nlisten = [\"1.2.3.4:65536\"]", "has no port between 0 and 65535"),
        Arguments.of("[endpoint]\nlisten = [\"::1:80\"]", "IPv6 address without brackets"),
        Arguments.of("[endpoint]\nadvertise = [\"0.0.0.0:80\"]", "cannot be reached by anybody"),
        Arguments.of("[gateway]\nlisten = \"unix:x.sock\"", "needs an absolute path"),
        Arguments.of(
            "[cache]\nmax_size = 10",
            "f:2: cache.max_size: must be a text in quotes, not the number 10"),
        Arguments.of("[cache]\nmax_size = \"10 gb\"", "'10 gb' is not a size such as"),
        Arguments.of("[cache]\nmin_free = \"-1 GB\"", "'-1 GB' is not a size"),
        Arguments.of("[cache]\nmax_size = \"99999999999 TB\"", "is too large"),
        Arguments.of("[cache]\npeers = [\"x\"]", "'x' is neither a ticket nor ENDPOINT@ADDR:PORT"),
        Arguments.of("[cache]\norigins = [\"ftp://x/\"]", "'ftp://x/' is not a URL such as"),
        Arguments.of("[cache]\norigins = [\"http://x/?h=\"]", "must end with a path"),
        Arguments.of("[limits]\nupload = \"20 MB\"", "'20 MB' is not \"unlimited\" or a rate"),
        Arguments.of("[limits]\nupload = \"0 MB/s\"", "would stop all uploads"),
        Arguments.of(
            "[limits]\nconnections = 0", "f:2: limits.connections: 0 is not between 1 and 1000000"),
        Arguments.of("[limits]\nconnections = \"many\"", "must be a whole number, not a text"),
        Arguments.of("[seeding]\nsettle = \"2 days\"", "is not a duration such as"),
        Arguments.of("[seeding]\nscan_interval = \"0s\"", "is not between"),
        Arguments.of("[seeding]\nwatch = \"inotif\"", "is not one of auto, portable, off"),
        Arguments.of("[service]\nname = \"a\"", "must be written as [[service]]"),
        Arguments.of("[[service]]\ndirectory = \"/x\"", "f:1: service[0].name: is missing"),
        Arguments.of("[[service]]\nname = \"a b\"", "f:2: service[0].name: 'a b' is not a name"),
        Arguments.of("[[service]]\nname = \"added\"", "is kept for files given to"),
        Arguments.of(
            "[[service]]\nname = \"a\"\ndirectory = \"x\"",
            "f:3: service[0].directory: 'x' must be an absolute path"),
        Arguments.of("[[service]]\nname = \"a\"\ndirectory = \"/\"", "the root of the file system"),
        Arguments.of(
            "[[service]]\nname = \"a\"\nexposure = \"publik\"",
            "f:3: service[0].exposure: 'publik' is not one of public, group, local; did you mean 'public'?"),
        Arguments.of(
            "[[service]]\nname = \"a\"\npreset = \"matrix\"",
            "is not one of media, downloads, misskey"),
        Arguments.of("[[service]]\nname = \"a\"\nupstream = \"localhost\"", "is not a URL such as"),
        Arguments.of("[[service]]\nname = \"a\"\nrealm = \"\"", "is not a domain name"),
        Arguments.of(
            "[[service]]\nname = \"a\"\n\n[[service]]\nname = \"a\"\ndirectory=\"/b\"",
            "f:5: service[1].name: the name 'a' is used twice"),
        Arguments.of(
            "[[service]]\nname = \"a\"\ndirectory=\"/b\"\n[[service]]\nname = \"c\"\ndirectory=\"/b/d\"",
            "f:6: service[1].directory: the directory /b/d and /b of 'a' lie in each other"),
        Arguments.of("[endpoint\nlisten = 1", "f:1: not TOML"),
        Arguments.of("[endpoint]\nlisten = []\nlisten = []", "f:3: not TOML"));
  }

  @ParameterizedTest
  @MethodSource("mistakes")
  void namesTheMistake(String text, String expected) {
    ConfigException e =
        catchThrowableOfType(ConfigException.class, () -> ConfigReader.parse(text, "f"));
    assertThat(e).isNotNull();
    assertThat(e.problems().getFirst().sentence()).contains(expected);
  }

  @Test
  void findsAllMistakesInOneRunInOrder() {
    String text = "[limits]\nconnections = 0\n[endpoint]\nlisten = []\nx = 1";
    ConfigException e =
        catchThrowableOfType(ConfigException.class, () -> ConfigReader.parse(text, "f"));
    assertThat(e.problems()).extracting(ConfigProblem::line).containsExactly(2, 4, 5);
    assertThat(e).hasMessageContaining("(and 2 more: see 'veilor-seed config check')");
  }

  @Test
  void saysWhyAFileCannotBeRead(@TempDir Path folder) throws Exception {
    Path absent = folder.resolve("absent.toml");
    assertThat(catchThrowableOfType(ConfigException.class, () -> ConfigReader.read(absent)))
        .hasMessageContaining("no such file");
    Path binary = Files.write(folder.resolve("b.toml"), new byte[] {(byte) 0xff, (byte) 0xfe});
    assertThat(catchThrowableOfType(ConfigException.class, () -> ConfigReader.read(binary)))
        .hasMessageContaining("not UTF-8 text");
  }

  @Test
  void optionsStandOverTheFile() throws Exception {
    Config file = ConfigReader.parse("[[service]]\nname=\"a\"\ndirectory=\"/a\"", "f");
    Overrides overrides =
        new Overrides(
            List.of("a=/b", "c=/d/../e"),
            List.of("127.0.0.1:0"),
            "127.0.0.1:80",
            Path.of("/q/../ql"));
    Config config = overrides.apply(file);
    assertThat(config.services())
        .containsExactly(
            ServiceSettings.of("a", Path.of("/b")), ServiceSettings.of("c", Path.of("/e")));
    assertThat(Addresses.format(config.listen().getFirst())).isEqualTo("127.0.0.1:0");
    assertThat(config.endpoint().qlog()).isEqualTo(Path.of("/ql"));
    assertThat(Addresses.format(config.gateway())).isEqualTo("127.0.0.1:80", Path.of("/q/../ql"));
    assertThat(Overrides.NONE.apply(file)).isEqualTo(file);
  }

  @ParameterizedTest
  @MethodSource("wrongOptions")
  void namesTheWrongOption(Overrides overrides, String expected) {
    assertThat(
            catchThrowableOfType(ConfigException.class, () -> overrides.apply(Config.defaults())))
        .hasMessageContaining(expected);
  }

  static Stream<Arguments> wrongOptions() {
    return Stream.of(
        Arguments.of(
            new Overrides(List.of("a"), List.of(), null, null), "--service: 'a' is not NAME=DIR"),
        Arguments.of(new Overrides(List.of("a=/x", "a=/y"), List.of(), null, null), "used twice"),
        Arguments.of(
            new Overrides(List.of("a=/x", "b=/x/y"), List.of(), null, null), "lie in each other"),
        Arguments.of(new Overrides(List.of("a="), List.of(), null, null), "not NAME=DIR"),
        Arguments.of(new Overrides(List.of("a/b=/x"), List.of(), null, null), "is not a name"),
        Arguments.of(new Overrides(List.of(), List.of("x"), null, null), "--listen: 'x' is not"),
        Arguments.of(
            new Overrides(List.of(), List.of("[::1]:7", "[::1]:7"), null, null),
            "names one address twice"),
        Arguments.of(
            new Overrides(List.of(), List.of(), "here", null), "--gateway: 'here' is not"));
  }

  @Test
  void aReloadTellsWhatChangesAndWhatNeedsARestart() throws Exception {
    Config before =
        ConfigReader.parse(
            "[[service]]\nname=\"a\"\n[[service]]\nname=\"b\"\n[[service]]\nname=\"c\"", "f");
    Config after =
        ConfigReader.parse(
            "[endpoint]\nlisten=[\"127.0.0.1:1\"]\n[[service]]\nname=\"a\"\nexposure=\"local\"\n"
                + "[[service]]\nname=\"c\"\n[[service]]\nname=\"d\"",
            "f");
    ConfigChange change = ConfigChange.between(before, after);
    assertThat(change.added()).extracting(ServiceSettings::name).containsExactly("d");
    assertThat(change.removed()).extracting(ServiceSettings::name).containsExactly("b");
    assertThat(change.changed()).extracting(ServiceSettings::name).containsExactly("a");
    assertThat(change.needRestart()).containsExactly("endpoint.listen");
    assertThat(change.sentence())
        .isEqualTo("added d; removed b; changed a; endpoint.listen changed and needs a restart");
    assertThat(ConfigChange.between(before, before).sentence()).isEqualTo("nothing changed");
  }
}
