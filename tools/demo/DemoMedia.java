import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Font;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.Ellipse2D;
import java.awt.geom.Line2D;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.imageio.ImageIO;

/**
 * Renders the raw material of demo/: pictures as PNG, frames of a video as raw RGB, a tone as raw
 * PCM, and a PDF. {@code tools/demo/make-demo} turns it into the final formats. No randomness.
 */
final class DemoMedia {
  private DemoMedia() {}

  public static void main(String[] args) throws IOException {
    Path out = Path.of(args[0]);
    ImageIO.write(julia(960, 540, -0.79, 0.156), "png", out.resolve("julia.png").toFile());
    ImageIO.write(hills(1280, 720), "png", out.resolve("hills.png").toFile());
    ImageIO.write(waves(960, 540), "png", out.resolve("waves.png").toFile());
    ImageIO.write(tree(1000, 560), "png", out.resolve("tree.png").toFile());
    frames(out.resolve("julia.rgb"), 480, 270, 24 * 5);
    tone(out.resolve("tone.s16"), 44_100, 6);
    Files.write(out.resolve("tree.pdf"), pdf());
  }

  /** The Julia set of z² + c with smooth colouring. */
  static BufferedImage julia(int width, int height, double cRe, double cIm) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    double scale = 3.2 / width;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        double re = (x - width / 2.0) * scale;
        double im = (y - height / 2.0) * scale;
        int n = 0;
        while (re * re + im * im < 64 && n < 180) {
          double next = re * re - im * im + cRe;
          im = 2 * re * im + cIm;
          re = next;
          n++;
        }
        double smooth = n == 180 ? 0 : n + 1 - Math.log(Math.log(Math.hypot(re, im))) / Math.log(2);
        image.setRGB(x, y, palette(Math.max(0, smooth) / 60));
      }
    }
    return image;
  }

  private static int palette(double t) {
    double clipped = Math.min(1, t);
    int red = (int) (255 * Math.pow(clipped, 0.45) * 0.95);
    int green = (int) (255 * Math.pow(clipped, 0.9));
    int blue = (int) (255 * (0.12 + 0.55 * Math.sin(Math.PI * Math.pow(clipped, 0.6))));
    return rgb(red, green, blue);
  }

  /** An evening sky over six rows of hills, which are sums of sines. */
  static BufferedImage hills(int width, int height) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      double t = (double) y / height;
      for (int x = 0; x < width; x++) {
        double sun = Math.exp(-(Math.pow(x - width * 0.68, 2) + Math.pow(y - height * 0.42, 2)) / 9000);
        image.setRGB(
            x,
            y,
            rgb(
                (int) (40 + 205 * t + 120 * sun),
                (int) (50 + 110 * t + 110 * sun),
                (int) (110 + 10 * t + 60 * sun)));
      }
    }
    for (int row = 0; row < 6; row++) {
      for (int x = 0; x < width; x++) {
        double f = (double) x / width;
        double top =
            height * (0.45 + 0.09 * row)
                - 34 * Math.sin(2 * Math.PI * (f * (1.3 + row * 0.4) + row * 0.37))
                - 15 * Math.sin(2 * Math.PI * (f * (4.1 + row) + row * 0.71))
                - 5 * Math.sin(2 * Math.PI * (f * 17 + row * 0.13));
        double dark = 1 - row / 6.5;
        for (int y = (int) Math.max(0, top); y < height; y++) {
          image.setRGB(
              x, y, rgb((int) (150 * dark), (int) (105 * dark + 12), (int) (125 * dark + 22)));
        }
      }
    }
    return image;
  }

  /** Three circular waves that overlap. */
  static BufferedImage waves(int width, int height) {
    double[][] sources = {{0.25, 0.3}, {0.75, 0.4}, {0.5, 0.85}};
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        double sum = 0;
        for (double[] s : sources) {
          sum += Math.cos(Math.hypot(x - s[0] * width, y - s[1] * height) / 11);
        }
        double v = (sum + 3) / 6;
        image.setRGB(
            x, y, rgb((int) (20 + 90 * v * v), (int) (40 + 190 * v), (int) (90 + 150 * Math.sqrt(v))));
      }
    }
    return image;
  }

  /** A hash tree of eight chunk groups, the path to the sixth emphasised. */
  static BufferedImage tree(int width, int height) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = image.createGraphics();
    g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    g.setRenderingHint(
        RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
    g.setColor(new Color(0xfaf8f2));
    g.fillRect(0, 0, width, height);
    for (Edge edge : edges()) {
      g.setStroke(new BasicStroke(edge.proof ? 4 : 2));
      g.setColor(edge.proof ? new Color(0xc2410c) : new Color(0x94a3b8));
      g.draw(
          new Line2D.Double(
              edge.x1 * width, edge.y1 * height, edge.x2 * width, edge.y2 * height));
    }
    for (Node node : nodes()) {
      g.setColor(node.proof ? new Color(0xc2410c) : new Color(0x334155));
      double r = node.leaf ? 22 : 17;
      g.fill(new Ellipse2D.Double(node.x * width - r, node.y * height - r, 2 * r, 2 * r));
    }
    g.setColor(new Color(0x1e293b));
    g.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 24));
    g.drawString("One chunk group and the hashes that prove it", 40, 54);
    g.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 18));
    g.drawString("16 KiB each", 40, height - 28);
    g.dispose();
    return image;
  }

  private record Node(double x, double y, boolean leaf, boolean proof) {}

  private record Edge(double x1, double y1, double x2, double y2, boolean proof) {}

  private static double nodeX(int level, int index) {
    int count = 1 << level;
    return 0.06 + 0.88 * (index + 0.5) / count;
  }

  private static double nodeY(int level) {
    return 0.2 + 0.2 * level;
  }

  private static boolean onPath(int level, int index) {
    return index == 5 >> (3 - level);
  }

  private static List<Node> nodes() {
    List<Node> nodes = new ArrayList<>();
    for (int level = 0; level <= 3; level++) {
      for (int index = 0; index < 1 << level; index++) {
        nodes.add(new Node(nodeX(level, index), nodeY(level), level == 3, onPath(level, index)));
      }
    }
    return nodes;
  }

  private static List<Edge> edges() {
    List<Edge> edges = new ArrayList<>();
    for (int level = 1; level <= 3; level++) {
      for (int index = 0; index < 1 << level; index++) {
        edges.add(
            new Edge(
                nodeX(level - 1, index / 2),
                nodeY(level - 1),
                nodeX(level, index),
                nodeY(level),
                onPath(level, index)));
      }
    }
    return edges;
  }

  /** Raw RGB frames of Julia sets whose parameter goes round once, so that the video loops. */
  static void frames(Path file, int width, int height, int count) throws IOException {
    try (OutputStream out = Files.newOutputStream(file)) {
      byte[] bytes = new byte[width * height * 3];
      for (int i = 0; i < count; i++) {
        double angle = 2 * Math.PI * i / count;
        BufferedImage frame =
            julia(width, height, -0.77 + 0.025 * Math.cos(angle), 0.13 + 0.04 * Math.sin(angle));
        int at = 0;
        for (int y = 0; y < height; y++) {
          for (int x = 0; x < width; x++) {
            int rgb = frame.getRGB(x, y);
            bytes[at++] = (byte) (rgb >> 16);
            bytes[at++] = (byte) (rgb >> 8);
            bytes[at++] = (byte) rgb;
          }
        }
        out.write(bytes);
      }
    }
  }

  /** A chord that is built up tone by tone: 16-bit mono PCM, little-endian. */
  static void tone(Path file, int rate, int seconds) throws IOException {
    double[] hertz = {220, 275, 330, 440};
    byte[] bytes = new byte[2 * rate * seconds];
    for (int i = 0; i < rate * seconds; i++) {
      double at = (double) i / rate;
      double sum = 0;
      for (int k = 0; k < hertz.length; k++) {
        double since = at - k;
        if (since > 0) {
          double loud = Math.min(1, since * 20) * Math.exp(-since * 0.7);
          sum += loud * Math.sin(2 * Math.PI * hertz[k] * at) * 0.2;
        }
      }
      double fade = Math.min(1, (seconds - at) * 4);
      short sample = (short) (sum * fade * 32767);
      bytes[2 * i] = (byte) sample;
      bytes[2 * i + 1] = (byte) (sample >> 8);
    }
    Files.write(file, bytes);
  }

  /** One A4 page: a heading, three lines of text and the tree as vectors (PDF 1.4, no compression). */
  static byte[] pdf() throws IOException {
    StringBuilder page = new StringBuilder();
    page.append("BT /F1 20 Tf 60 770 Td (Verified streaming) Tj ET\n");
    String[] lines = {
      "A blob is cut into chunk groups of 16 KiB. Their hashes form a binary tree; the hash of the",
      "blob is its root. A getter that asks for one chunk group receives, with it, the hash pairs",
      "along the way from the root, and checks every byte before it uses it."
    };
    for (int i = 0; i < lines.length; i++) {
      page.append(
          String.format(Locale.ROOT, "BT /F1 11 Tf 60 %d Td (%s) Tj ET\n", 735 - 16 * i, lines[i]));
    }
    for (Edge e : edges()) {
      page.append(e.proof ? "0.76 0.25 0.05 RG 2 w\n" : "0.58 0.64 0.72 RG 1 w\n");
      page.append(
          String.format(
              Locale.ROOT,
              "%.1f %.1f m %.1f %.1f l S\n",
              60 + e.x1 * 475,
              690 - e.y1 * 320,
              60 + e.x2 * 475,
              690 - e.y2 * 320));
    }
    for (Node n : nodes()) {
      page.append(n.proof ? "0.76 0.25 0.05 rg\n" : "0.2 0.25 0.33 rg\n");
      double r = n.leaf ? 9 : 7;
      page.append(
          String.format(
              Locale.ROOT,
              "%.1f %.1f %.1f %.1f re f\n",
              60 + n.x * 475 - r,
              690 - n.y * 320 - r,
              2 * r,
              2 * r));
    }
    return assemble(page.toString());
  }

  private static byte[] assemble(String content) throws IOException {
    int length = content.getBytes(StandardCharsets.ISO_8859_1).length;
    String[] objects = {
      "<< /Type /Catalog /Pages 2 0 R >>",
      "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
      "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
          + " /Resources << /Font << /F1 5 0 R >> >> >>",
      "<< /Length " + length + " >>\nstream\n" + content + "endstream",
      "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
      "<< /Title (Verified streaming) /Producer (veilor-seed tools/demo) >>"
    };
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write("%PDF-1.4\n".getBytes(StandardCharsets.ISO_8859_1));
    StringBuilder table = new StringBuilder("xref\n0 " + (objects.length + 1) + "\n");
    table.append("0000000000 65535 f \n");
    for (int i = 0; i < objects.length; i++) {
      table.append(String.format(Locale.ROOT, "%010d 00000 n \n", out.size()));
      String text = (i + 1) + " 0 obj\n" + objects[i] + "\nendobj\n";
      out.write(text.getBytes(StandardCharsets.ISO_8859_1));
    }
    int at = out.size();
    String trailer =
        table
            + "trailer\n<< /Size "
            + (objects.length + 1)
            + " /Root 1 0 R /Info 6 0 R >>\nstartxref\n"
            + at
            + "\n%%EOF\n";
    out.write(trailer.getBytes(StandardCharsets.ISO_8859_1));
    return out.toByteArray();
  }

  private static int rgb(int red, int green, int blue) {
    return clip(red) << 16 | clip(green) << 8 | clip(blue);
  }

  private static int clip(int value) {
    return Math.clamp(value, 0, 255);
  }
}
