package grantlab.cli;

import grantlab.conformance.report.Paint;
import java.io.Console;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Where the command prints.
 *
 * @param out for results
 * @param err for errors
 * @param interactive whether a person is looking: then there are colours and progress
 */
record Terminal(PrintWriter out, PrintWriter err, boolean interactive) {
    static Terminal ofProcess() {
        return new Terminal(
                writer(System.out),
                writer(System.err),
                Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false));
    }

    /** UTF-8 whatever the locale says: reports have signs that a C locale lacks, and files are read by others. */
    private static PrintWriter writer(OutputStream stream) {
        return new PrintWriter(new OutputStreamWriter(stream, StandardCharsets.UTF_8), true);
    }

    /** Colours, unless nobody looks or somebody does not want them (no-color.org). */
    Paint paint() {
        return interactive && System.getenv("NO_COLOR") == null ? Paint.COLOURS : Paint.NONE;
    }
}
