package grantlab.benchmark;

import java.awt.Color;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.knowm.xchart.BitmapEncoder;
import org.knowm.xchart.BitmapEncoder.BitmapFormat;
import org.knowm.xchart.CategoryChart;
import org.knowm.xchart.CategoryChartBuilder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.internal.chartpart.Chart;
import org.knowm.xchart.style.Styler;
import org.knowm.xchart.style.Styler.LegendPosition;

/** Measured figures as pictures in a directory. */
final class Pictures {
    private static final int WIDTH = 900;
    private static final int HEIGHT = 420;
    private static final int LABELS_ASLANT = 20;
    private static final double NANOS_PER_MICRO = 1000;

    private final Path directory;

    /**
     * Draws nothing yet.
     *
     * @param directory made when it is not there
     */
    Pictures(Path directory) {
        this.directory = directory;
    }

    /** Where the system property {@code grantlab.pictures} says, else in the directory {@code pictures}. */
    static Pictures here() {
        return new Pictures(Path.of(System.getProperty("grantlab.pictures", "pictures")));
    }

    /**
     * Requests per second of each way.
     *
     * @param perSecond by {@code way depth exit}
     */
    void requests(Map<String, Double> perSecond) throws IOException {
        for (int depth : List.of(1, BlockBenchmark.MANY)) {
            CategoryChart chart = new CategoryChartBuilder()
                    .width(WIDTH)
                    .height(HEIGHT)
                    .title("Requests of 4 KiB a second, " + depth + " in flight")
                    .build();
            List<String> ways = perSecond.keySet().stream()
                    .filter(key -> key.endsWith(" " + depth + " 0"))
                    .map(key -> key.substring(0, key.indexOf(' ')))
                    .toList();
            for (String exit : List.of("0", "1000")) {
                List<Double> figures = ways.stream()
                        .map(way -> perSecond.get(way + " " + depth + " " + exit))
                        .toList();
                chart.addSeries("an exit costs " + exit + " ns", ways, figures);
            }
            chart.getStyler().setXAxisLabelRotation(LABELS_ASLANT);
            chart.getStyler().setYAxisDecimalPattern("#,###");
            save(chart, chart.getStyler(), "block-" + depth);
        }
    }

    /**
     * What a revocation costs, once by the mappings of the leaf and once by all others.
     *
     * @param lines by {@code search/others/mappings/iommu/paging}
     */
    void revocations(Map<String, Measured> lines) throws IOException {
        XYChart ofTheLeaf = chart("One v3_revoke among 1,000 other mappings", "mappings of the leaf");
        series(ofTheLeaf, lines, "records, hvm", "records/1000/%d/off/hvm", 1, 32, 1024);
        series(ofTheLeaf, lines, "records, pv", "records/1000/%d/off/pv", 1, 32, 1024);
        series(ofTheLeaf, lines, "records, hvm, with a device", "records/1000/%d/separate-wo/hvm", 1, 32, 1024);
        series(ofTheLeaf, lines, "scan, hvm", "scan/1000/%d/off/hvm", 1, 32, 1024);
        series(ofTheLeaf, lines, "scan, pv", "scan/1000/%d/off/pv", 1, 32, 1024);
        save(ofTheLeaf, ofTheLeaf.getStyler(), "revoke-by-mappings");
        XYChart ofOthers = chart("One v3_revoke of one mapping", "other mappings of the grantee");
        series(ofOthers, lines, "records, hvm", "records/%d/1/off/hvm", 1000, 1_000_000);
        series(ofOthers, lines, "records, pv", "records/%d/1/off/pv", 1000, 100_000);
        series(ofOthers, lines, "scan, hvm", "scan/%d/1/off/hvm", 1000, 100_000);
        series(ofOthers, lines, "scan, pv", "scan/%d/1/off/pv", 1000, 100_000);
        save(ofOthers, ofOthers.getStyler(), "revoke-by-others");
    }

    private static XYChart chart(String title, String what) {
        XYChart chart = new XYChartBuilder()
                .width(WIDTH)
                .height(HEIGHT)
                .title(title)
                .xAxisTitle(what)
                .yAxisTitle("us")
                .build();
        chart.getStyler().setXAxisLogarithmic(true);
        chart.getStyler().setYAxisLogarithmic(true);
        return chart;
    }

    private static void series(XYChart chart, Map<String, Measured> lines, String name, String format, int... points) {
        double[] x = new double[points.length];
        double[] y = new double[points.length];
        for (int n = 0; n < points.length; n++) {
            x[n] = points[n];
            y[n] = Revocations.time(lines, String.format(format, points[n])) / NANOS_PER_MICRO;
        }
        chart.addSeries(name, x, y);
    }

    private void save(Chart<?, ?> chart, Styler styler, String name) throws IOException {
        styler.setLegendPosition(LegendPosition.OutsideE);
        styler.setChartBackgroundColor(Color.WHITE);
        Path file = Files.createDirectories(directory).resolve(name + ".png");
        BitmapEncoder.saveBitmap(chart, file.toString(), BitmapFormat.PNG);
        System.out.println("picture: " + file);
    }
}
