package org.veilor.seed.bench;

import java.util.List;
import java.util.Locale;

/**
 * An SVG with a bar for each figure that has a peer: how many times better ours is, on a
 * logarithmic scale, with the target beside it where there is one.
 */
final class Plot {
  private static final int ROW = 22;
  private static final int LABELS = 430;
  private static final int WIDTH = 460;
  private static final int TOP = 46;
  private static final int MARGIN = 90;

  /** The scale ends at so many times better and worse. */
  private static final double MOST = 40;

  private Plot() {}

  static String svg(List<Result> results) {
    List<Result> shown = results.stream().filter(Result::hasPeer).toList();
    int height = TOP + ROW * shown.size() + 20;
    StringBuilder svg = new StringBuilder();
    svg.append(
        String.format(
            Locale.ROOT,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\""
                + " font-family=\"sans-serif\" font-size=\"11\">%n"
                + "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>%n"
                + "<text x=\"8\" y=\"18\" font-size=\"14\">How many times better than the peer"
                + " (right of 1: veilor-seed is ahead; | must, ¦ aim)</text>%n",
            LABELS + WIDTH + MARGIN,
            height));
    for (double mark : new double[] {0.1, 0.5, 1, 2, 5, 10, 20}) {
      svg.append(
          String.format(
              Locale.ROOT,
              "<line x1=\"%1$.1f\" x2=\"%1$.1f\" y1=\"%2$d\" y2=\"%3$d\" stroke=\"%4$s\"/>"
                  + "<text x=\"%1$.1f\" y=\"%5$d\" text-anchor=\"middle\">%6$s</text>%n",
              x(mark),
              TOP - 6,
              height - 14,
              mark == 1 ? "black" : "#ddd",
              TOP - 10,
              Result.plain(mark)));
    }
    for (int i = 0; i < shown.size(); i++) {
      row(svg, shown.get(i), TOP + ROW * i);
    }
    return svg.append("</svg>\n").toString();
  }

  private static void row(StringBuilder svg, Result result, int top) {
    double better = better(result, result.ratio());
    double from = Math.min(x(1), x(better));
    double width = Math.abs(x(better) - x(1));
    svg.append(
        String.format(
            Locale.ROOT,
            "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%s</text>"
                + "<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"14\" fill=\"%s\"/>"
                + "<text x=\"%.1f\" y=\"%d\">%s</text>%n",
            LABELS - 8,
            top + 11,
            escape(result.what()),
            from,
            top,
            width,
            better >= 1 ? "#3a7" : "#c63",
            Math.max(x(better), x(1)) + 4,
            top + 11,
            Result.plain(better)));
    Figures.Target target = result.target();
    if (target != null && target.isRatio()) {
      tick(svg, x(better(result, target.must())), top, "");
      tick(svg, x(better(result, target.aim())), top, " stroke-dasharray=\"3,2\"");
    }
  }

  private static void tick(StringBuilder svg, double x, int top, String dashes) {
    svg.append(
        String.format(
            Locale.ROOT,
            "<line x1=\"%1$.1f\" x2=\"%1$.1f\" y1=\"%2$d\" y2=\"%3$d\" stroke=\"black\""
                + " stroke-width=\"2\"%4$s/>%n",
            x,
            top - 2,
            top + 16,
            dashes));
  }

  private static double better(Result result, double ratio) {
    return result.higherIsBetter() ? ratio : 1 / ratio;
  }

  private static double x(double better) {
    double clamped = Math.clamp(better, 1 / MOST, MOST);
    return LABELS + WIDTH * (0.5 + Math.log(clamped) / Math.log(MOST) / 2);
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;");
  }
}
